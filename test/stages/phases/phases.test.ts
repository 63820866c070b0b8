import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnalyseOptions } from '../../../src/analyse.ts'
import { phases } from '../../../src/stages/phases/index.ts'
import { kindOf } from '../../../src/stages/phases/layout.ts'
import { metricNames } from '../../../src/stages/phases/model.ts'
import type { PhasesValues } from '../../../src/stages/phases/spec.ts'
import { twoStates } from '../../cases/two-states.ts'
import { anchor, bytes, close, delta, openFrame } from '../../engine/frames.ts'
import { analyseFrames } from '../harness.ts'
import { gaussian, hasNumpy } from '../matrices.ts'
import { byNumpy } from './numpy.ts'

const stage = suite('the phases stage')
const python = hasNumpy ? stage : stage.skip

const tensors = [
  { name: 'a/kernel', shape: [40, 24], dtype: 'f64' as const },
  { name: 'a/bias', shape: [24], dtype: 'f64' as const },
  { name: 'b/kernel', shape: [12, 50], dtype: 'f64' as const },
  { name: 'b/bias', shape: [7], dtype: 'f64' as const },
]
const start = tensors.map(({ shape: [m, n = 1] }, i) => gaussian(m!, n, 3 + i).values)

/** A run whose weights all grow by `by` in each step. */
function grown(by: readonly number[], options: Parameters<typeof phases>[0], own?: AnalyseOptions) {
  const frames = [
    openFrame(tensors),
    anchor(
      0,
      start.map((values) => bytes(values, 'f64'))
    ),
    ...by.map((amount, i) =>
      delta(
        i + 1,
        start.map((values) =>
          bytes(
            values.map(() => amount),
            'f64'
          )
        ),
        { base: i }
      )
    ),
    close(by.length + 1),
  ]
  const stages = phases({ look: { every: 1 }, ...options })
  const { summaries, error } = analyseFrames(frames, stages, {
    block: 1,
    emit: { every: 1 },
    ...own,
  })
  if (error) throw error
  return summaries
    .filter(({ type }) => type === 'phases')
    .map(({ values }) => values as unknown as PhasesValues)
}

/** A tensor's weights after all of them have grown by `by`. */
const rowsOf = (i: number, by: number): number[][] => {
  const [m, n = 1] = tensors[i]!.shape
  return Array.from({ length: m! }, (_, r) =>
    Array.from({ length: n }, (_, c) => start[i]![r * n + c]! + by)
  )
}

python('has the fourteen metrics of NumPy to 1e-8', () => {
  const values = grown([0.25], {}).at(-1)!
  const expected = byNumpy('metrics', {
    matrices: [rowsOf(0, 0.25), rowsOf(2, 0.25)],
    biases: [rowsOf(1, 0.25).flat(), rowsOf(3, 0.25).flat()],
  })
  for (const [i, name] of metricNames.entries()) {
    const apart = Math.abs(values[name] - expected[i]!)
    assert.ok(apart < 1e-8 * Math.max(1, Math.abs(expected[i]!)), `${name} is ${apart} off`)
  }
})

stage('says the same over any number of shards', () => {
  const [one, three] = [1, 3].map((shards) => grown([0.1, 0.2], {}, { shards, block: 2 }))
  assert.equal(three, one)
})

python('filters the phase, with the likelihood of NumPy', () => {
  const found = grown([0, 0, 1, 0, 0], { model: twoStates })
  assert.equal(
    found.map(({ phase }) => phase),
    [0, 0, 1, 1, 1]
  )
  assert.is(found.at(-1)!.since, 3)
  assert.ok(found.at(-1)!.probability > 0.999)
  const looks = [0, ...[0, 0, 1, 1, 1]].map((by) =>
    byNumpy('metrics', {
      matrices: [rowsOf(0, by), rowsOf(2, by)],
      biases: [rowsOf(1, by).flat(), rowsOf(3, by).flat()],
    })
  )
  const { start, transitions, means, covariances } = twoStates
  const upTo = (n: number): number =>
    byNumpy('likelihood', {
      model: { start, transitions, means, covariances },
      looks: looks.slice(0, n),
    })[0]!
  const surprise = found.at(-1)!.surprise
  assert.ok(Math.abs(upTo(5) - upTo(6) - surprise) < 1e-6)
})

stage('gives metrics and the reason where there is no model', () => {
  const { phase, fit, why } = grown([0.1], {}).at(-1)!
  assert.ok(Number.isNaN(phase))
  assert.is(fit, 'none')
  assert.match(why!, 'phases need a model')
})

stage('refuses a model whose parts do not fit together', () => {
  assert.throws(() => grown([0], { model: { ...twoStates, start: [1] } }), 'do not fit together')
  const covariances = twoStates.covariances.map((own) => own.map(() => 0))
  assert.throws(() => grown([0], { model: { ...twoStates, covariances } }), 'not positive definite')
})

stage('leaves embeddings and normalisations out', () => {
  const kind = (name: string, ...shape: number[]) => kindOf({ name, shape })
  assert.is(kind('wte.weight', 100, 8), undefined)
  assert.is(kind('token_embedding/kernel', 100, 8), undefined)
  assert.is(kind('layer_norm/bias', 8), undefined)
  assert.is(kind('h.0.ln_1.bias', 8), undefined)
  assert.is(kind('member.weight', 8, 8), 'matrix')
  assert.is(kind('dense/kernel', 8, 8), 'matrix')
  assert.is(kind('dense/bias', 8), 'bias')
  assert.is(kind('scale', 8), undefined)
})

stage.run()

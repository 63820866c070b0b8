// Tensors that their producer has folded, against the same weights folded by the engine and against their definition.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { rowOf, signOf } from '../../src/engine/planning/fold.ts'
import { planUnlimited } from '../../src/engine/planning/plan.ts'
import { Run } from '../../src/engine/run/run.ts'
import { Runs } from '../../src/engine/run/runs.ts'
import { StateLoader } from '../../src/engine/state/load.ts'
import { saveState } from '../../src/engine/state/save.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import { foldingError, sketchRows } from '../../src/stage/sketch.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Fold, Frame, OpenFrame } from '../../src/wire/frame.ts'
import { analysed } from './analysed.ts'
import { anchor, bytes, close, delta, openFrame, random } from './frames.ts'

const folded = suite('folded producers')

const elements = 200_000
const steps = 20
const seed = 7

function fold(values: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(sketchRows)
  for (let e = 0; e < values.length; e++) {
    rows[rowOf(e, seed)]! += signOf(e, seed) * values[e]!
  }
  return rows
}

const next = random(5)
const weights = Float32Array.from({ length: elements }, next)
const shapes = [0, 1, 2].map(() => Float32Array.from({ length: elements }, next))
const columns = Array.from({ length: steps }, () => {
  const factors = shapes.map((_, k) => 1e-3 * 0.5 ** k * next())
  return weights.map(
    (_, e) => shapes.reduce((sum, shape, k) => sum + factors[k]! * shape[e]!, 0) + 1e-6 * next()
  )
})
const norm = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((s, v) => s + v * v, 0))

const entry = (fold: Partial<Fold> = {}) => ({
  name: 'model',
  shape: [sketchRows],
  fold: { elements, seed, first: 0, ...fold },
})
const sampled = 500
const sample = { name: 'sample', shape: [sampled], role: 'sample' }

const dense: Frame[] = [
  openFrame([{ name: 'w', shape: [elements] }]),
  anchor(0, [bytes(weights)]),
  ...columns.map((column, t) => delta(t + 1, [bytes(column)], { base: t })),
  close(steps + 1),
]
const sketch: Frame[] = [
  openFrame([entry()]),
  anchor(0, [bytes(fold(weights))]),
  ...columns.map((column, t) => delta(t + 1, [bytes(fold(column))], { base: t })),
  close(steps + 1),
]
/** The sketch, and the first weights by themselves. */
const both = sketch.map((frame, t): Frame => {
  if (frame.kind === 'open') return openFrame([entry(), sample])
  if (!('data' in frame)) return frame
  const single = (t === 1 ? weights : columns[t - 2]!).subarray(0, sampled)
  return { ...frame, data: [...frame.data, bytes(single)] }
})

const last = (summaries: readonly Summary[], stage: string) =>
  summaries.filter((summary) => summary.stage === stage).at(-1)!.values as Record<string, unknown>

function refused(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return `${(error as ThalwegError).code}: ${(error as Error).message}`
  }
  return 'nothing thrown'
}

folded('give the figures of the same weights folded by the engine, to rounding', () => {
  const stages = [svd({ tier: 'sketch', rank: 3 }), ftle({ method: 'local-linear', on: 'svd' })]
  const engine = analysed(dense, stages, { seed })
  for (const tier of ['sketch', 'auto'] as const) {
    const own = analysed(sketch, [svd({ tier, rank: 3 }), ...stages.slice(1)], { seed })
    for (const [stage, names] of Object.entries({
      svd: ['singularValues', 'energy', 'captured', 'estimatedErrors'],
      health: ['updateNorm', 'weightNorm', 'updateCosine', 'pathRatio'],
    })) {
      for (const name of names) {
        const [got, expected] = [own, engine].map((from) => [last(from, stage)[name]].flat())
        got!.forEach((value, i) => {
          const error = Math.abs(Number(value) / Number(expected![i]) - 1)
          assert.ok(error < 2e-5, `${stage}.${name}[${i}]: ${value}, ${expected![i]}`)
        })
      }
    }
    assert.equal(last(own, 'svd').why, last(engine, 'svd').why)
  }
})

folded('claim no bound, and count the weights that they stand for', () => {
  const own = analysed(sketch, [svd({ rank: 3 })])
  const { tier, upperBounds, projectionErrorBound, orthogonality, why } = last(own, 'svd')
  assert.equal(
    [tier, upperBounds, projectionErrorBound, orthogonality],
    ['sketch', null, Number.NaN, Number.NaN]
  )
  assert.match(why as string, 'upperBounds')
  assert.equal(last(own, 'health').unmoved, Number.NaN)
  const alert = own.flatMap(({ alerts }) => alerts).find(({ id }) => id === 'run/sketch')!
  assert.match(alert.message, '200000 parameters are folded to 65536 rows')
  assert.match(alert.message, 'by 0.28 %')
  const plan = planUnlimited(sketch[0] as OpenFrame, settingsOf({}, svd()))
  assert.equal([plan.parameters, plan.layout.rows], [elements, sketchRows])
  assert.is(plan.stages[1]!.scopes[0]!.scope.elements, elements)
})

folded('have the errors of their own rows, the fewest in a scope', () => {
  const rows = [1024, 4096]
  const parts = rows.map((m, i) => ({
    name: `${i}`,
    shape: [m],
    fold: { elements, seed, first: 0 },
  }))
  const frames = [
    openFrame([...parts, { name: 'whole', shape: [300] }]),
    ...[0, 1, 2].map((t) =>
      delta(
        t + 1,
        [...rows, 300].map((m) => bytes(Float32Array.from({ length: m }, next)))
      )
    ),
    close(3),
  ]
  for (const tier of ['auto', 'sketch'] as const) {
    const own = analysed(frames, [
      svd({ rank: 2, tier }),
      svd({ id: 'each', rank: 2, tier, per: 'tensor' }),
    ])
    const errorsOf = (scope: string) => {
      const { values } = own.filter((s) => s.type === 'svd' && s.scope === scope).at(-1)!
      const { singularValues, estimatedErrors } = values as Record<string, number[]>
      return estimatedErrors!.map((error, i) => error / singularValues![i]!)
    }
    const near = (got: number[], expected: number) =>
      got.forEach((value) => {
        assert.ok(Math.abs(value / expected - 1) < 1e-3, `${value}, ${expected}`)
      })
    near(errorsOf('model'), foldingError(1024))
    near(errorsOf('tensor:0'), foldingError(1024))
    near(errorsOf('tensor:1'), foldingError(4096))
    assert.ok(errorsOf('tensor:whole').every((error) => error < 1e-4))
  }
})

folded('are never folded again', () => {
  const plan = planUnlimited(
    openFrame([{ name: 'a', shape: [150_000] }, entry(), { name: 'b', shape: [150_000] }]),
    settingsOf({}, svd({ tier: 'sketch' }))
  )
  assert.equal(
    plan.layout.tensors.map(({ name, rows, folded: of }) => [name, rows, of]),
    [
      ['a', sketchRows, 300_000],
      ['model', sketchRows, elements],
    ]
  )
})

folded('are refused to a stage that needs single weights', () => {
  for (const [stage, id] of [
    [cmd(), 'cmd'],
    [svd({ tier: 'basis' }), 'svd'],
    [ftle({ norms: ['l1'], method: 'twin' }), 'ftle'],
  ] as const) {
    const message = refused(() => analysed(sketch, [stage]))
    assert.match(message, /^E_FOLD/)
    assert.match(message, `stage ${id}: it needs single weights, but tensor "model" is a sketch`)
    assert.match(message, 'of 200000')
  }
})

folded('leave the sample to the stages that need single weights', () => {
  const own = analysed(both, [svd({ rank: 3 }), cmd({ warmup: 10 })])
  const directions = (from: readonly Summary[]) => {
    const { singularValues, energy, columns: count } = last(from, 'svd')
    return { singularValues, energy, count }
  }
  assert.equal(directions(own), directions(analysed(sketch, [svd({ rank: 3 })])))
  assert.equal(last(own, 'health').weightNorm, last(analysed(sketch, []), 'health').weightNorm)
  const alone = both.map((frame): Frame => {
    if (frame.kind === 'open') return openFrame([{ ...sample, role: undefined }])
    return 'data' in frame ? { ...frame, data: frame.data.slice(1) } : frame
  })
  assert.equal(last(own, 'cmd'), last(analysed(alone, [cmd({ warmup: 10 })]), 'cmd'))
  assert.is(planUnlimited(both[0] as OpenFrame, settingsOf({}, svd())).parameters, elements)
})

folded('and their sample are refused in one scope, where weights would count twice', () => {
  const include = ['model', 'sample']
  for (const stage of [svd({ select: { include } }), health({ select: { include } })]) {
    const message = refused(() => analysed(both, [stage]))
    assert.match(message, /^E_FOLD/)
    assert.match(message, 'it looks at "sample", a sample of the weights, and "model" in one scope')
  }
  analysed(both, [svd({ per: 'tensor', select: { include } })])
})

folded('go on after a resume with the same fold alone', () => {
  const settings = settingsOf({ block: 4 }, svd({ rank: 3 }))
  const run = new Run(sketch[0] as OpenFrame, settings, () => {})
  for (const frame of sketch.slice(1, 6)) run.push(frame as Exclude<Frame, OpenFrame>)
  const state = [...saveState(run)].map((chunk) => chunk.slice())
  const goesOn = (open: OpenFrame): string =>
    refused(() => {
      const loader = new StateLoader(settings, () => {}, 'earlier')
      for (const chunk of state) loader.push(chunk)
      const runs = new Runs(settings, () => {})
      runs.resume(loader.finish(), 'earlier')
      runs.take(open)
    })
  assert.is(goesOn(openFrame([entry()])), 'nothing thrown')
  for (const other of [{ seed: 8 }, { elements: elements + 1 }, { first: 1 }]) {
    assert.match(goesOn(openFrame([entry(other)])), /^E_STATE.*tensors\[0\]/)
  }
  const { fold: _, ...plain } = entry()
  assert.match(goesOn(openFrame([plain])), /^E_STATE.*tensors\[0\]/)
})

folded('are within their stated error of the weights themselves', () => {
  const whole = last(analysed(dense, [svd({ rank: 3 })]), 'svd').singularValues as number[]
  const { singularValues, estimatedErrors } = last(analysed(sketch, [svd({ rank: 3 })]), 'svd')
  whole.forEach((value, i) => {
    const error = Math.abs((singularValues as number[])[i]! - value)
    assert.ok(error < 4 * (estimatedErrors as number[])[i]!, `value ${i}: ${error}`)
  })
  assert.ok(Math.abs(norm(fold(weights)) / norm(weights) - 1) < 4 * foldingError(sketchRows))
})

folded.run()

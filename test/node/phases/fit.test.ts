import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { detoursOf } from '../../../src/node/phases/detours.ts'
import { fitPhases } from '../../../src/node/phases/fit.ts'
import { fitHmm, likelihoodOf } from '../../../src/node/phases/hmm.ts'
import { mapOf } from '../../../src/node/phases/map.ts'
import { pathOf, posteriorOf } from '../../../src/node/phases/posterior.ts'
import type { Sequence } from '../../../src/node/phases/sequences.ts'
import { Random } from '../../../src/node/train/random.ts'
import { hasNumpy } from '../../stages/matrices.ts'
import { byNumpy } from '../../stages/phases/numpy.ts'

const fits = suite('fitting phases')
const python = hasNumpy ? fits : fits.skip

const metrics = 6
const options = { states: 5, restarts: 3, seed: 0 }
const vector = (random: Random, size: number): number[] =>
  Array.from({ length: metrics }, () => size * random.normal())
const sequence = (looks: Float64Array[], i: number): Sequence => ({
  run: `run ${i}`,
  steps: looks.map((_, t) => 10 * t),
  looks,
})

/** Runs that stay in each of three states for some time, and which state that is at each look. */
function planted(seed: number, runs = 8, length = 120) {
  const random = new Random(seed, 1)
  const means = [0, 1, 2].map(() => vector(random, 3))
  const truth: number[][] = []
  const sequences = Array.from({ length: runs }, (_, i) => {
    let state = 0
    const own: number[] = []
    const looks = Array.from({ length }, () => {
      if (random.uniform() < 0.04) state = (state + 1 + Math.floor(2 * random.uniform())) % 3
      own.push(state)
      return Float64Array.from(means[state]!, (mean) => mean + random.normal())
    })
    truth.push(own)
    return sequence(looks, i)
  })
  return { sequences, truth }
}

/** A smooth drift and noise: the same in all runs, at another pace in each, or with a random walk of its own in each. */
function drifting(seed: number, kind: 'common' | 'pace' | 'walk', runs = 8, length = 80) {
  const random = new Random(seed, 2)
  const [slope, curve] = [vector(random, 3), vector(random, 1)]
  return Array.from({ length: runs }, (_, i) => {
    const pace = kind === 'pace' ? 0.7 + 0.6 * random.uniform() : 1
    const walk = new Float64Array(metrics)
    const looks = Array.from({ length }, (_, t) => {
      const time = (pace * t) / length
      return Float64Array.from(slope, (own, j) => {
        if (kind === 'walk') walk[j]! += 0.3 * random.normal()
        return own * time + curve[j]! * time * time + walk[j]! + 0.3 * random.normal()
      })
    })
    return sequence(looks, i)
  })
}

python('has the likelihood of NumPy to 1e-6, with full covariances and diagonal ones', () => {
  const runs = planted(4, 3).sequences.map(({ looks }) => looks)
  for (const shape of ['full', 'diagonal'] as const) {
    const { hmm, logLikelihood } = fitHmm(runs, 3, shape, 2, new Random(1))
    let sum = 0
    for (const looks of runs) {
      const given = { model: hmm, looks: looks.map((look) => [...look]) }
      const [expected] = byNumpy('likelihood', given)
      const own = likelihoodOf(hmm, looks).logLikelihood
      assert.ok(Math.abs(own - expected!) < 1e-6 * Math.abs(expected!), `${own}, ${expected}`)
      sum += own
    }
    assert.ok(Math.abs(sum - logLikelihood) < 1e-6 * Math.abs(sum))
  }
})

fits('has posteriors that add up, of states and of transitions', () => {
  const [looks] = planted(5, 1).sequences.map((own) => own.looks)
  const { hmm } = fitHmm([looks!], 3, 'diagonal', 3, new Random(2))
  const { states, transitions } = posteriorOf(hmm, looks!)
  for (const own of states) assert.ok(Math.abs(own.reduce((a, b) => a + b) - 1) < 1e-9)
  const moves = transitions.reduce((a, b) => a + b)
  assert.ok(Math.abs(moves - (looks!.length - 1)) < 1e-6)
})

fits(
  'labels 99 % of the looks of three planted states right, and says that they are states',
  () => {
    const { sequences, truth } = planted(1)
    const { model, verdict } = fitPhases(sequences, options)
    assert.is(model.start.length, 3)
    assert.is(verdict, 'states')
    const { paths } = mapOf(model, sequences)
    const counts = new Map<string, number>()
    paths.forEach((path, i) => {
      path.forEach((state, t) => {
        const key = `${state} for ${truth[i]![t]}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      })
    })
    const right = [...counts.values()].sort((a, b) => b - a).slice(0, 3)
    const looks = paths.flat().length
    assert.ok(right.reduce((a, b) => a + b) > 0.99 * looks, [...counts].join())
  }
)

fits('says of drifts without states that they are no better than time, whatever BIC picks', () => {
  let picked = 0
  let wrong = 0
  for (let seed = 0; seed < 20; seed++) {
    const kind = (['common', 'pace', 'walk'] as const)[seed % 3]!
    const { verdict, model } = fitPhases(drifting(seed, kind), { ...options, seed, restarts: 2 })
    if (model.start.length >= 4) picked++
    if (verdict !== 'no-better-than-time') wrong++
  }
  assert.ok(picked >= 18, `BIC picks four states or more in ${picked} of 20`)
  assert.ok(wrong <= 1, `${wrong} of 20 are taken for states`)
})

fits('does not judge one run', () => {
  const { verdict, comparison, candidates } = fitPhases(planted(2, 1).sequences, options)
  assert.is(verdict, 'one-run')
  assert.is(comparison, undefined)
  assert.ok(candidates.every(({ heldOut }) => Number.isNaN(heldOut)))
})

fits('gives the same for the same seed', () => {
  const { sequences } = planted(3, 4, 60)
  assert.equal(fitPhases(sequences, options), fitPhases(sequences, options))
})

fits('finds the way of a path through states', () => {
  const hmm = {
    start: [1, 0],
    transitions: [
      [0.9, 0.1],
      [0, 1],
    ],
    means: [[0], [3]],
    covariances: [[1], [1]],
  }
  const looks = [0, 0.2, 2.6, 0.1, 3.2, 3, 2.8].map((value) => Float64Array.of(value))
  assert.equal(pathOf(hmm, looks), [0, 0, 0, 0, 1, 1, 1])
})

fits('finds the state that goes with late convergence', () => {
  const random = new Random(6)
  const shares = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 0 : random.uniform() * 0.5))
  const paths = shares.map((share) =>
    Array.from({ length: 200 }, (_, t) => (t < 100 * share ? 1 : t < 150 ? 0 : 2))
  )
  const late = shares.map((share) => 500 + 400 * share + 10 * random.normal())
  const found = detoursOf(paths, late, 4, 0)!
  assert.ok(found.explained > 0.95)
  assert.equal(
    found.states.map(({ state }) => state),
    [1]
  )
  const shuffled = late.map((_, i) => late[(i * 7) % 30]!)
  assert.equal(detoursOf(paths, shuffled, 4, 0)!.states, [])
  assert.is(detoursOf(paths.slice(0, 4), late.slice(0, 4), 4, 0), undefined)
})

fits.run()

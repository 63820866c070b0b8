// What is said of how far the eigenvalues can be trusted.
import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse } from '../../../src/analyse.ts'
import { defineStage, type RunSpectrum, spectrumPort } from '../../../src/stage/index.ts'
import { koopman } from '../../../src/stages/koopman/index.ts'
import { studentQuantile } from '../../../src/stages/koopman/resample.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import { blocks, frames, lastOf, runOf, saidOf } from './runs.ts'

const errors = suite('errors and verdicts of spectra')

const says = koopman.definition.says

errors("have Student's quantiles", () => {
  // By SciPy's t.ppf(0.975, ...).
  for (const [degrees, expected] of [
    [7, 2.3646],
    [15, 2.1314],
    [31, 2.0395],
  ] as const) {
    assert.ok(Math.abs(studentQuantile(degrees) - expected) < 1e-3)
  }
})

errors('intervals hold the eigenvalues of a noisy linear system', () => {
  const truth = [
    [0.95, 0.3],
    [0.9, 0],
    [0.6, 0],
  ] as const
  const seeds = 40
  let held = 0
  for (let seed = 1; seed <= seeds; seed++) {
    const run = runOf(blocks([0.95, 0.3], 0.9, 0.6), {
      steps: 1424,
      noise: 1,
      seed,
      rows: 4,
      start: [0, 0, 0, 0],
    })
    const { modes } = lastOf(frames([run.slice(400)]), { svd: false })
    truth.forEach(([modulus, angle], i) => {
      const [low, high] = modes![i]!.modulusInterval!
      held += Number(low <= modulus && modulus <= high)
      const [from, to] = modes![i]!.frequencyInterval!
      if (angle > 0) held += Number(from <= angle / 2 / Math.PI && angle / 2 / Math.PI <= to)
    })
  }
  const share = held / (4 * seeds)
  assert.ok(share > 0.9 && share < 0.99, `${share}`)
})

errors(
  'D3: least squares is biased by noise as recorded, total least squares is not, and both say so',
  () => {
    for (const [recorded, within] of [
      [0.1, 1e-3],
      [0.01, 4e-5],
    ] as const) {
      const run = runOf(blocks([0.9995, 0.1], [0.999, 0.3]), { steps: 5000, recorded, rows: 4 })
      const values = lastOf(frames([run]), { svd: false, koopman: { modes: 4 } })
      const truth = [0.9995, 0.999]
      values.modes!.forEach((mode, i) => {
        assert.ok(Math.abs(mode.total - truth[i]!) < within, `${mode.total}`)
        assert.ok(Math.abs(mode.modulus - truth[i]!) > 10 * within, `${mode.modulus}`)
      })
      assert.is(values.estimators, 'apart')
      assert.ok(says(values).some(({ figure }) => figure === 'estimators'))
    }
    const driven = runOf(blocks(0.99, 0.9), { steps: 2000, noise: 1e-2 })
    assert.is(lastOf(frames([driven])).estimators, 'agree')
  }
)

errors('a run whose step size halves is an average over two maps, and it says so', () => {
  const before = runOf(blocks(0.9, 0.6), { steps: 400, noise: 1e-2 })
  const after = runOf(blocks(0.95, 0.8), { steps: 400, noise: 1e-2, start: [0, 0], seed: 2 })
  const changing = lastOf(frames([[...before, ...after.slice(1)]]))
  assert.ok(changing.changed > 3 * changing.changedByChance, `${changing.changed}`)
  const constant = lastOf(frames([runOf(blocks(0.9, 0.6), { steps: 800, noise: 1e-2 })]))
  assert.ok(constant.changed < 4 * constant.changedByChance, `${constant.changed}`)
  assert.not(says(constant).some(({ figure }) => figure === 'changed'))
})

errors('a random walk stands out from its null in few of forty runs', () => {
  let out = 0
  for (let seed = 1; seed <= 40; seed++) {
    const run = runOf(blocks(1, 1, 1), { steps: 400, noise: 1, seed, start: [0, 0, 0] })
    const values = lastOf(frames([run]))
    out += Number(values.verdict !== 'noise')
    assert.ok(values.explained < 0.1)
  }
  assert.ok(out <= 5, `${out}`)
  const settling = lastOf(
    frames([runOf(blocks(0.9, 0.8), { steps: 400, noise: 1, start: [0, 0] })])
  )
  assert.is(settling.verdict, 'decaying')
})

errors('an eigenvalue whose modes are nearly parallel is fragile', () => {
  const jordan = [
    [0.9, 1],
    [0, 0.9],
  ]
  const { modes } = lastOf(frames([runOf(jordan, { steps: 200 })]))
  assert.ok(modes!.every(({ condition }) => condition > 1e3))
  assert.ok(modes!.every(({ verdict }) => verdict === 'fragile'))
  const apart = lastOf(frames([runOf(blocks(0.9, 0.5), { steps: 200 })]))
  assert.ok(apart.modes!.every(({ condition, verdict }) => condition < 10 && verdict === 'real'))
})

errors('too few steps leave all unverified, and fewer still give no spectrum', () => {
  const run = runOf(blocks(0.99, 0.9, 0.8), { steps: 60, noise: 1e-3 })
  const said = saidOf(frames([run]), {}, { block: 2, emit: { every: 1 } })
  const first = said[0]!
  assert.is(first.verdict, 'insufficient')
  assert.is(first.modes, null)
  assert.match(first.why!, /needs|in a row/)
  const early = said.find(({ modes }) => modes)!
  assert.ok(early.modes!.every(({ verdict }) => verdict === 'unverified'))
  assert.match(early.why!, /pairs of positions so far; a map of \d directions needs/)
  assert.ok(said.at(-1)!.modes!.some(({ verdict }) => verdict === 'real'))
})

errors('a run that stands still has no spectrum, a straight line a map that tells nothing', () => {
  const still = lastOf(frames([runOf(blocks(1), { steps: 40 })]))
  assert.is(still.modes, null)
  assert.is(still.why, 'the run does not move')
  const line = Array.from({ length: 300 }, (_, t) => [0.01 * t, 0.02 * t, 0])
  const values = lastOf(frames([line]))
  assert.ok(Math.abs(values.modes![0]!.modulus - 1) < 1e-9)
  assert.ok(Number.isNaN(values.explained))
  assert.match(values.why!, /all steps are alike/)
})

errors(
  'a pseudospectrum vanishes at the eigenvalues, and is 1 - |z| or more where noise is all',
  () => {
    const run = runOf(blocks(0.9, 0.5), { steps: 300 })
    const { pseudospectrum } = lastOf(frames([run]), { koopman: { pseudospectrum: 41 } })
    const { rows, columns, values } = pseudospectrum!
    assert.is(rows[0], 0)
    const at = (re: number): number => {
      const distances = columns.map((x) => Math.abs(Number(x) - re))
      return values[0]![distances.indexOf(Math.min(...distances))]!
    }
    assert.ok(at(0.9) < 0.02 && at(0.5) < 0.02, `${at(0.9)} ${at(0.5)}`)
    assert.ok(values.at(-1)!.every((value) => value > 0.02))
  }
)

errors('no intervals where none are asked for, and the same ones for the same seed', () => {
  const stream = frames([runOf(blocks(0.9, 0.5), { steps: 300, noise: 1 })])
  const none = lastOf(stream, { koopman: { resamples: 0 } })
  assert.is(none.modes![0]!.modulusInterval, null)
  assert.is(none.verdict, 'insufficient')
  assert.match(none.why!, /no intervals were asked for/)
  assert.equal(lastOf(stream), lastOf(stream))
  assert.not.equal(
    lastOf(stream, { koopman: { seed: 1 } }).modes![0]!.modulusInterval,
    lastOf(stream).modes![0]!.modulusInterval
  )
})

errors('later stages read the spectrum by its port', () => {
  let read: RunSpectrum | undefined
  let isKept = true
  const reader = defineStage({
    type: 'reader',
    summary: 'Reads a spectrum.',
    asks: 'What is read?',
    options: {},
    figures: {},
    says: () => [],
    reads: { spectrum: spectrumPort },
    requires: () => ['spectrum'],
    plan: () => ({ header: 0, perTile: 0, scratch: 1 << 16 }),
    start: ({ ports, arena, scratch }) => ({
      *step() {
        const own = arena.u8(scratch, 1 << 16).fill(7)
        read = ports.spectrum!.read()
        isKept &&= own.every((byte) => byte === 7)
        return { values: {} }
      },
    }),
  })
  // An eigenvalue near -1: a weight that jumps to and fro.
  const stream = frames([runOf(blocks(-0.99, 0.9), { steps: 203, noise: 1e-3 })])
  from(stream)
    .pipe(
      analyse({ emit: { every: 1e6 } }, svd(), koopman({ on: 'svd' }), reader({ on: 'koopman' }))
    )
    .subscribe()
  assert.ok(isKept, 'the scratch of the stage that asks')
  const [first] = read!.modes
  assert.ok(Math.abs(first!.re + 0.99) < 0.02 && first!.im === 0)
  assert.is(first!.verdict, 'real')
  assert.ok(first!.modulusInterval![0] < 0.99)
  assert.is(read!.spacing, 1)
  assert.equal(read!.steps, [0, 203])
})

errors.run()

// The walks that `captured` is compared with, on steps whose answer is known.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SvdValues } from '../../../src/stages/svd/figures.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import { analyseRecording, type Recording } from '../harness.ts'
import { rules, stepsOf } from './optimizers.ts'
import { withSpectrum } from './spectra.ts'

const walks = suite("svd's walks")

const size = { weights: 1024, steps: 112, spread: 0.25 }

function valuesOf(recording: Recording, seed = 0, stage = svd({ rank: 8 })): SvdValues {
  const { summaries, error } = analyseRecording(recording, stage, { seed })
  assert.is(error, undefined)
  return summaries.at(-1)!.values as unknown as SvdValues
}

for (const kind of Object.keys(rules)) {
  walks(`hold what ${kind} alone makes, and not what weights share`, () => {
    const alone = valuesOf({ deltas: [stepsOf(kind, { ...size, share: 0 }, 5)] })
    assert.is(alone.beyondNull, 'within')
    const { captured, capturedNull, capturedNullError } = alone
    assert.ok(
      Math.abs(captured - capturedNull) < 0.01 + 4 * capturedNullError,
      `${captured}, walks ${capturedNull} ± ${capturedNullError}`
    )
    const shared = valuesOf({ deltas: [stepsOf(kind, { ...size, share: 0.4 }, 5)] })
    assert.is(shared.beyondNull, 'above', `${shared.captured}, walks ${shared.capturedNull}`)
  })
}

walks('that hold nearly all leave no room for an excess, and nothing is told', () => {
  const sizes = Array.from({ length: 1024 }, (_, k) => Math.cos(k * k))
  const row = (t: number): number[] => sizes.map((size) => size * Math.sin(t * t))
  const values = valuesOf({ deltas: [Array.from({ length: 112 }, (_, t) => row(t + 1))] })
  assert.ok(values.capturedNull > 0.99, `${values.capturedNull}`)
  assert.is(values.beyondNull, 'untested')
  assert.match(values.why!, /an excess over these would pass 100 %/)
  const said = svd.definition.says!(values).map(({ text }) => text)
  assert.match(said[0]!, /nothing is concluded from that/)
  assert.is(said[1], 'The movement is spread as over 1 direction.')
})

walks('follow the memory of each tensor', () => {
  const some = { weights: 700, steps: 112, spread: 0.5, share: 0 }
  const [slow, white] = [stepsOf('ar .95', some, 1), stepsOf('sgd', some, 2)]
  const deltas = slow.map((row, t) => [...row, ...white[t]!.map((value) => 3 * value)])
  const tensors = [
    { name: 'slow', rows: 700 },
    { name: 'white', rows: 700 },
  ]
  const { captured, capturedNull, beyondNull } = valuesOf({ tensors, deltas: [deltas] })
  assert.is(beyondNull, 'within')
  assert.ok(Math.abs(captured - capturedNull) < 0.015, `${captured}, walks ${capturedNull}`)
})

walks('depend on the seed no more than their scatter says', () => {
  const deltas = stepsOf('momentum', { ...size, share: 0.1 }, 3)
  const all = [1, 2, 3, 4, 5].map((seed) => valuesOf({ deltas: [deltas] }, seed))
  assert.is(new Set(all.map(({ captured }) => captured)).size, 1)
  const nulls = all.map(({ capturedNull }) => capturedNull)
  const scatter = all.reduce((sum, value) => sum + value.capturedNullError, 0) / 5
  // Means of sixteen scatter by a quarter of that; five of them rarely lie further apart than four times as much.
  assert.ok(Math.max(...nulls) - Math.min(...nulls) < scatter, `${nulls}, scatter ${scatter}`)
  assert.is(new Set(nulls).size, 5)
})

walks('are the same bits for any number of shards', () => {
  const deltas = stepsOf('adam', { ...size, share: 0 }, 3)
  const run = (shards: number) =>
    analyseRecording({ deltas: [deltas] }, svd({ rank: 4, forget: 0.99 }), {
      shards,
    }).summaries.map(({ values }) => values)
  const one = run(1)
  for (const shards of [2, 3]) assert.equal(run(shards), one, `${shards} shards`)
})

walks('of positions, or of steps that are forgotten, hold what those do', () => {
  const deltas = stepsOf('sgd', { ...size, share: 0 }, 4)
  for (const options of [{ of: 'positions' }, { forget: 0.98 }] as const) {
    const values = valuesOf({ deltas: [deltas] }, 0, svd({ rank: 8, ...options }))
    const { captured, capturedNull, capturedNullError } = values
    const off = Math.abs(captured - capturedNull)
    assert.ok(off < 0.01 + 4 * capturedNullError, `${captured}, walks ${capturedNull}`)
  }
})

walks('tell nothing of a small tensor, whose few largest weights decide', () => {
  const deltas = stepsOf('sgd', { ...size, weights: 24, share: 0 }, 7)
  const { beyondNull, why } = valuesOf({ deltas: [deltas] })
  assert.is(beyondNull, 'untested')
  assert.match(why!, /16 columns, 512 weights/)
})

walks('tell nothing of positions, of few columns, of a high rank, or where none are wanted', () => {
  const deltas = stepsOf('sgd', { ...size, steps: 30, share: 0 }, 4)
  for (const [options, why] of [
    [{ of: 'positions' }, /only for deltas/],
    [{ rank: 16 }, /needs 32 columns/],
    [{ rank: 33 }, /"rank" at most 32/],
    [{ walks: false }, /where "walks" is true/],
  ] as const) {
    const values = valuesOf({ deltas: [deltas] }, 0, svd(options))
    assert.is(values.beyondNull, 'untested')
    assert.match(values.why!, why)
  }
})

walks('leave the participation ratio between its bounds, whatever the columns', () => {
  const spectrum = Array.from({ length: 150 }, (_, i) => (i + 1) ** -0.5)
  const energy = spectrum.reduce((sum, value) => sum + value ** 2, 0)
  const truth = energy ** 2 / spectrum.reduce((sum, value) => sum + value ** 4, 0)
  const deltas = withSpectrum(800, 150, spectrum)
  for (const columns of [16, 32, 64]) {
    for (const storage of ['f32', 'f64'] as const) {
      const stage = svd({ columns, storage, walks: false })
      const { participationRatio, participationInterval } = valuesOf({ deltas: [deltas] }, 0, stage)
      const [low, high] = participationInterval!
      assert.ok(low <= truth && truth <= high, `${truth} in ${low} to ${high}`)
      const off = Math.abs(participationRatio / truth - 1)
      assert.ok(off < 0.01, `${participationRatio}, expected ${truth}`)
    }
  }
})

walks.run()

import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../../src/analyse.ts'
import type { Summary } from '../../../src/engine/summary.ts'
import type { StageValue } from '../../../src/stage/define.ts'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame } from '../../engine/frames.ts'
import { framesOf, type Recording } from '../harness.ts'
import { correlations, follow, gaussian, leastSquares, probe, type Recorded } from './walks.ts'

type Options = Parameters<typeof probe>[0]

interface Track {
  modes: { size: number; reference: { tensor: string; index: number } }[]
  explained: number
  explainedNull: number
  reassigned: number
  window: [number, number]
  breaks: number
  why?: string
}

/** The summaries of `cmd` after an svd of positions that it reads. */
function analysed(
  frames: readonly Frame[],
  options: AnalyseOptions,
  factor: Parameters<typeof svd>[0],
  stage: StageValue
): { summaries: Summary[]; tracks: Track[] } {
  const summaries: Summary[] = []
  let failure: unknown
  from(frames)
    .pipe(analyse({ emit: { every: 1 }, ...options }, svd({ of: 'positions', ...factor }), stage))
    .subscribe({
      next: (block) => summaries.push(...block.summaries.filter(({ type }) => type === 'cmd')),
      error: (error) => {
        failure = error
      },
    })
  if (failure) throw failure
  return { summaries, tracks: summaries.map(({ values }) => values as unknown as Track) }
}
const on = (options: Options = {}) => probe({ on: 'svd', ...options } as Options)
const referencesOf = ({ modes }: Track): number[] => modes.map(({ reference }) => reference.index)

/** Six walks of unit deviation, and weights along them with noise that is a share of it. */
function planted(steps: number, rows: number, noise: number, seed = 7): Recorded {
  const normal = gaussian(seed)
  const clocks = Array.from({ length: 6 }, () => {
    let at = 0
    const walk = Float64Array.from({ length: steps + 1 }, () => {
      at += normal()
      return at
    })
    const mean = walk.reduce((sum, v) => sum + v, 0) / walk.length
    const square = walk.reduce((sum, v) => sum + (v - mean) ** 2, 0) / walk.length
    return walk.map((v) => v / Math.sqrt(square))
  })
  const scale = (i: number): number => (i % 2 ? 1 : -1) * (0.5 + (i % 13))
  return follow(steps, rows, (i, t) => scale(i) * (clocks[i % 6]![t]! + noise * normal()))
}

const factor = suite('modes from a factor')

for (const { noise, agreement, error } of [
  { noise: 0.05, agreement: 1, error: 2e-4 },
  { noise: 0.3, agreement: 0.96, error: 5e-3 },
]) {
  factor(`agree with the whole history's: six planted modes at noise ${noise}`, () => {
    const [rows, steps] = [1200, 192]
    const { deltas, positions } = planted(steps, rows, noise)
    const { stage, fit } = on({ modes: 6, samples: 200, warmup: steps })
    const { tracks } = analysed(framesOf({ deltas: [deltas] }), {}, { rank: 6 }, stage)
    const last = tracks.at(-1)!
    assert.equal(last.window, [1, steps], 'its moments go back to the first step')
    const references = referencesOf(last)
    assert.equal(references.map((i) => i % 6).sort(), [0, 1, 2, 3, 4, 5])
    const { mode, a } = fit()
    let right = 0
    const errors = a.map((slope, i) => {
      const scores = correlations(positions, i, references)
      if (scores[mode[i]!]! === Math.max(...scores)) right++
      const batch = leastSquares(positions, i, references[mode[i]!]!, new Float32Array(rows))
      return scores[mode[i]!]! * Math.abs(slope / batch.a - 1)
    })
    assert.ok(right >= agreement * rows, `${right} of ${rows} agree`)
    const median = errors.sort((p, q) => p - q)[rows / 2]!
    assert.ok(median <= error, `|corr| is off by ${median}`)
  })
}

factor('are measured from the choice on: errors of the factor fade', () => {
  const rows = 600
  const { deltas, positions } = planted(320, rows, 0.3)
  const { stage, fit } = on({ modes: 6, samples: 200, warmup: 32 })
  const { tracks } = analysed(framesOf({ deltas: [deltas] }), {}, { rank: 6 }, stage)
  assert.match(tracks[0]!.why!, 'modes are chosen from stage "svd" at the end of a full block')
  const last = tracks.at(-1)!
  const references = referencesOf(last)
  const { mode, a } = fit()
  const errors = a.map((slope, i) => {
    const { a: batch } = leastSquares(positions, i, references[mode[i]!]!, new Float32Array(rows))
    return Math.abs(slope / batch - 1)
  })
  assert.ok(errors.sort((p, q) => p - q)[rows / 2]! < 1e-3, `${errors[rows / 2]}`)
  assert.ok(last.explained - last.explainedNull > 0.1, `${last.explained}, ${last.explainedNull}`)
})

/** Four clocks that jump at random; half way the weights of `turning` go over to the next but one. */
function turning(rows: number): Recorded {
  const normal = gaussian(31)
  const clocks = Array.from({ length: 4 }, () => Float64Array.from({ length: 481 }, normal))
  return follow(480, rows, (i, t) => {
    const k = (i + (t > 240 && turns(i) ? 2 : 0)) % 4
    return clocks[k]![t]! + 0.1 * normal()
  })
}
const turns = (i: number): boolean => i % 20 > 18

factor('offer a runner-up that nobody thought of when modes were chosen', () => {
  const rows = 400
  const frames = framesOf({ deltas: [turning(rows).deltas] })
  const wrong = (own: ReturnType<typeof probe>): { missed: number; reassigned: number } => {
    const { tracks } = analysed(frames, {}, { rank: 4, forget: 0.97 }, own.stage)
    const last = tracks.at(-1)!
    const references = referencesOf(last)
    assert.not(references.some(turns), 'references stay')
    const missed = own.fit().mode.filter((mode, i) => {
      return references[mode]! % 4 !== (i + (turns(i) ? 2 : 0)) % 4
    })
    return { missed: missed.length, reassigned: last.reassigned }
  }
  const options = { modes: 4, samples: 100, seed: 2, forget: 0.97 }
  assert.equal(wrong(on(options)), { missed: 0, reassigned: 20 })
  assert.ok(wrong(probe(options)).missed > 5)
})

factor('are equal to the bit for any number of shards', () => {
  const frames = framesOf({ deltas: [turning(2100).deltas.slice(0, 300)] })
  const run = (shards: number) => {
    const { stage, fit } = on({ modes: 4, samples: 100, warmup: 16, forget: 0.97 })
    const { tracks } = analysed(frames, { shards }, { rank: 4, forget: 0.97 }, stage)
    return { tracks, fit: fit() }
  }
  const whole = run(1)
  assert.ok(whole.tracks.at(-1)!.reassigned > 20)
  for (const shards of [2, 3, 4, 8]) assert.equal(run(shards), whole, `${shards} shards`)
})

factor('of a training that restarted from its checkpoint are those of all that it did', () => {
  const rows = 300
  const { deltas, positions } = planted(120, rows, 0.05)
  const weights = new Float32Array(rows)
  const step = (j: number): Frame => delta(j + 1, [bytes(deltas[j]!)], { base: j })
  const frames = [
    openFrame([{ name: 'w', shape: [rows], dtype: 'f32' }]),
    anchor(0, [bytes(weights)]),
    ...deltas.slice(0, 70).map((_, j) => step(j)),
    anchor(40, [bytes(Float32Array.from(positions[39]!))]),
    ...deltas.slice(40).map((_, j) => step(40 + j)),
  ]
  const { stage, fit } = on({ modes: 6, samples: 100, warmup: 90 })
  const { tracks } = analysed(frames, { block: 10 }, { rank: 6 }, stage)
  const last = tracks.at(-1)!
  assert.is(last.breaks, 1)
  const visited = [...positions.slice(0, 70), ...positions.slice(40)]
  const references = referencesOf(last)
  const { mode, a } = fit()
  for (let i = 0; i < rows; i++) {
    const scores = correlations(visited, i, references)
    assert.is(scores.indexOf(Math.max(...scores)), mode[i], `mode of weight ${i}`)
    const batch = leastSquares(visited, i, references[mode[i]!]!, weights)
    const error = scores[mode[i]!]! * Math.abs(a[i]! / batch.a - 1)
    assert.ok(error < 2e-3, `|corr| of ${i} is off by ${error}`)
  }
})

factor('work on the tensors of the svd, small ones together', () => {
  const tensors = [
    { name: 'a', rows: 500 },
    { name: 'b', rows: 60 },
    { name: 'c', rows: 50 },
  ]
  const recording: Recording = { tensors, deltas: [planted(64, 610, 0.05).deltas] }
  const { stage } = on({ modes: 6, samples: 100, per: 'tensor' } as Options)
  const { summaries, tracks } = analysed(
    framesOf(recording),
    {},
    { rank: 8, per: 'tensor' } as Parameters<typeof svd>[0],
    stage
  )
  assert.equal(
    summaries.slice(-2).map(({ scope }) => scope),
    ['tensor:a', 'group:small']
  )
  for (const { modes, explained } of tracks.slice(-2)) {
    assert.is(
      new Set(
        modes.map(({ reference: { tensor, index } }) => {
          return (index + { a: 0, b: 500, c: 560 }[tensor]!) % 6
        })
      ).size,
      6
    )
    assert.ok(explained > 0.99)
  }
})

factor('need an svd of the same positions', () => {
  const frames = framesOf({ deltas: [planted(16, 30, 0.05).deltas] })
  const refused = (svdOptions: object, cmdOptions: object): string => {
    try {
      analysed(frames, {}, svdOptions, cmd({ on: 'svd', ...cmdOptions }))
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  assert.match(refused({ of: 'deltas' }, {}), 'stage "svd" decomposes deltas')
  assert.match(refused({ forget: 0.9 }, {}), 'stages[1].forget: 1 is not that of stage "svd", 0.9')
  assert.match(refused({ per: 'tensor' }, {}), 'looks at other rows')
  assert.match(refused({ select: { exclude: ['x'] } }, {}), 'looks at other rows')
  assert.is(refused({}, {}), '')
})

factor.run()

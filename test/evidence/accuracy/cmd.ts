import type { CmdOptions } from '../../../src/stages/cmd/spec.ts'
import {
  correlations,
  type Fitted,
  follow,
  gaussian,
  measured,
  probe,
  walk,
} from '../../stages/cmd/walks.ts'
import { analyseRecording } from '../../stages/harness.ts'
import { all, type Row, within } from './row.ts'

/** Five clocks that no affine map takes into each other. */
const clocks = [
  (t: number) => t / 60,
  (t: number) => Math.sin(t / 11 + 1) ** 3,
  (t: number) => Math.sin(t / 7),
  (t: number) => Math.cos(t / 3),
  (t: number) => (t % 29) / 29,
]

interface Analysed extends Fitted {
  readonly references: readonly number[]
  readonly explained: number
}

function analysed(
  deltas: readonly Float32Array[],
  options: Partial<CmdOptions>,
  more: { from?: number; block?: number } = {}
): Analysed {
  const { from = 0, block = 16 } = more
  const { stage, fit } = probe(options)
  const settings = { block, select: { from } }
  const { summaries, error } = analyseRecording({ deltas: [deltas] }, stage, settings)
  if (error) throw error
  const values = summaries.at(-1)!.values as unknown as {
    modes: { reference: { index: number } }[]
    explained: number
  }
  return {
    ...fit(),
    references: values.modes.map(({ reference }) => reference.index),
    explained: values.explained,
  }
}

/** Affine images of the clocks with noise that is a share of each clock's deviation. */
function planted(steps: number, rows: number, noise: number) {
  const normal = gaussian(5)
  const scale = Float64Array.from({ length: rows }, (_, i) => (i % 2 ? 1 : -1) * (0.5 + (i % 13)))
  const deviations = clocks.map((clock) => {
    const values = Array.from({ length: steps }, (_, t) => clock(t + 1))
    const mean = values.reduce((sum, v) => sum + v, 0) / steps
    return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / steps)
  })
  const { deltas } = follow(steps, rows, (i, t) => {
    const k = i % clocks.length
    return scale[i]! * (clocks[k]!(t) + (t > 0 ? noise * deviations[k]! * normal() : 0))
  })
  return { deltas, scale }
}

export const cmdRows: readonly Row[] = [
  {
    id: 'C1',
    problem: 'five planted clocks, 20,000 weights: labels at noise .05 / a at noise .002',
    reference: 'planted',
    goal: '100 % / 1e-3',
    reach() {
      const rows = 20_000
      const options = { modes: 5 }
      const noisy = analysed(planted(480, rows, 0.05).deltas, options)
      const clockOf = noisy.references.map((index) => index % 5)
      const right = noisy.mode.filter((mode, i) => clockOf[mode] === i % 5).length
      const { deltas, scale } = planted(480, rows, 0.002)
      const { a, mode, references } = analysed(deltas, options)
      const slopes = a.map((slope, i) => slope / (scale[i]! / scale[references[mode[i]!]!]!) - 1)
      return all([
        { figure: `${((100 * right) / rows).toFixed(2)} %`, met: right === rows },
        within(slopes, 1e-3),
      ])
    },
  },
  {
    id: 'C2',
    problem:
      'mean 5,000 times the deviation, f32, 4,000 steps: corr with the mode, worst weight / explained',
    reference: 'two-pass batch fit in f64, the same references',
    goal: '1e-2 / 1e-3',
    reach() {
      const [rows, steps] = [300, 4000]
      const normal = gaussian(4)
      const shared = Float64Array.from({ length: steps + 1 }, () => normal())
      const { deltas, positions } = follow(steps, rows, (i, t) => {
        if (t < 10) return (i % 5) + t
        return 1 + (i % 5) + 2e-4 * ((1 + (i % 3)) * shared[t]! + 0.3 * normal())
      })
      return besideBatch(deltas, positions, { modes: 2 }, { from: 20 }, [1e-2, 1e-3])
    },
  },
  {
    id: 'C3',
    problem:
      'a walk of 1,200 steps in blocks of 1, 16, 25, 200, eight columns: corr with the mode, worst weight / explained',
    reference: 'two-pass batch fit in f64, the same references',
    goal: '5e-2 / 2e-3',
    reach() {
      const { deltas, positions } = walk(1200, 600, 3)
      return all(
        [1, 16, 25, 200].map((block) =>
          besideBatch(deltas, positions, { modes: 7 }, { block }, [5e-2, 2e-3])
        )
      )
    },
  },
]

/** How far |corr| of every weight with its reference, and `explained`, are from those of a batch. */
function besideBatch(
  deltas: readonly Float32Array[],
  positions: readonly Float64Array[],
  options: Partial<CmdOptions>,
  more: { from?: number; block?: number },
  [corr, share]: readonly [number, number]
) {
  const { a, mode, references, explained } = analysed(deltas, options, more)
  const window = positions.slice(Math.max(0, (more.from ?? 0) - 1))
  const errors = a.map((slope, i) => {
    const exact = correlations(window, i, [references[mode[i]!]!])[0]!
    const ratio = deviation(window, references[mode[i]!]!) / deviation(window, i)
    return Math.abs(slope) * ratio - exact
  })
  return all([
    within(errors, corr),
    within([explained - measured(window, references).explained], share),
  ])
}

/** The norm of a row about its mean. */
function deviation(window: readonly Float64Array[], row: number): number {
  const first = window[0]![row]!
  const mean = window.reduce((sum, at) => sum + (at[row]! - first), 0) / window.length
  return Math.sqrt(window.reduce((sum, at) => sum + (at[row]! - first - mean) ** 2, 0))
}

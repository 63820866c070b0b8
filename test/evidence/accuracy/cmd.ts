import type { CmdOptions } from '../../../src/stages/cmd/spec.ts'
import { type Fitted, follow, gaussian, leastSquares, probe, walk } from '../../stages/cmd/walks.ts'
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
  more: { anchor?: Float32Array; block?: number } = {}
): Analysed {
  const { anchor, block = 16 } = more
  const { stage, fit } = probe(options)
  const recording = { deltas: [deltas], ...(anchor ? { anchors: [anchor] } : {}) }
  const { summaries, error } = analyseRecording(recording, stage, { block })
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
      const options = { modes: 5, samples: 400, warmup: 64, choose: 64 }
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
    problem: 'mean 5,000 times the deviation, f32, 4,000 steps: a',
    reference: 'two-pass batch fit in f64',
    goal: '1e-5',
    reach() {
      const [rows, steps] = [300, 4000]
      const normal = gaussian(4)
      const shared = Float64Array.from({ length: steps + 1 }, () => normal())
      const { deltas, positions } = follow(steps, rows, (i, t) => {
        if (t < 10) return (i % 5) + t
        return 1 + (i % 5) + 2e-4 * ((1 + (i % 3)) * shared[t]! + 0.3 * normal())
      })
      const anchor = Float32Array.from({ length: rows }, (_, i) => 1 + i / 7)
      const options = { modes: 2, samples: 100, warmup: 20, choose: 20 }
      const { a, mode, references } = analysed(deltas, options, { anchor })
      const window = positions.slice(20)
      return within(
        a.map((slope, i) => slope / leastSquares(window, i, references[mode[i]!]!, anchor).a - 1),
        1e-5
      )
    },
  },
  {
    id: 'C3',
    problem: 'a walk of 1,200 steps in blocks of 1, 16, 25, 200: a / explained',
    reference: 'two-pass batch fit in f64',
    goal: '1e-6 / 1e-6',
    reach() {
      const [rows, steps] = [600, 1200]
      const { deltas, positions } = walk(steps, rows, 3)
      const start = new Float32Array(rows)
      const options = { modes: 7, samples: 120, warmup: 17, choose: 30 }
      const window = positions.slice(17)
      const parts = [1, 16, 25, 200].map((block) => {
        const { a, mode, references, explained } = analysed(deltas, options, { block })
        // Weights go over to other references, at checks that come with every block: each is held to its last one.
        const batch = a.map((_, i) => leastSquares(window, i, references[mode[i]!]!, start))
        const residual = batch.reduce((sum, fit) => sum + fit.residual, 0)
        const energy = batch.reduce((sum, fit) => sum + fit.energy, 0)
        return {
          slopes: a.map((slope, i) => (slope - batch[i]!.a) / Math.max(1, Math.abs(batch[i]!.a))),
          explained: explained - (1 - residual / energy),
        }
      })
      return all([
        within(
          parts.flatMap(({ slopes }) => slopes),
          1e-6
        ),
        within(
          parts.map(({ explained }) => explained),
          1e-6
        ),
      ])
    },
  },
]

import type { AnalysedBlock } from '../../engine/summary.ts'
import { plain } from '../../plain.ts'
import type { Part } from './protobuf.ts'
import { type Bins, histogram } from './values.ts'

const bins = 40
/** How many weights of a tensor are read, evenly spread. With more, the histogram would look the same. */
const mostWeights = 65_536

/** Histograms of member 0's last delta, one per tensor. None if the block has no columns. */
export function updatesOf({ columns, open }: AnalysedBlock): Part[] {
  const last = columns.findLast(({ member }) => member === 0)
  if (!last || !open) return []
  return open.tensors.flatMap(({ name }) => {
    const found = binned(last.tensor(name))
    return found ? [histogram(`updates/${plain(name)}`, found)] : []
  })
}

function binned(pieces: readonly (Float32Array | Float64Array)[]): Bins | undefined {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const stride = Math.max(1, Math.ceil(length / mostWeights))
  let [min, max, count, sum, squares] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
    0,
  ]
  const each = (see: (value: number) => void): void => {
    for (const piece of pieces) {
      for (let i = 0; i < piece.length; i += stride) {
        if (Number.isFinite(piece[i])) see(piece[i]!)
      }
    }
  }
  each((value) => {
    min = Math.min(min, value)
    max = Math.max(max, value)
    count++
    sum += value
    squares += value * value
  })
  if (count === 0) return undefined
  const width = (max - min) / bins
  const counts = new Array<number>(bins).fill(0)
  each((value) => {
    const bin = width > 0 ? Math.min(bins - 1, Math.floor((value - min) / width)) : bins - 1
    counts[bin]!++
  })
  const limits = counts.map((_, i) => (i === bins - 1 ? max : min + (i + 1) * width))
  return { min, max, count, sum, squares, limits, counts }
}

import type { Arena } from '../../kernels/arena.ts'
import { type CmdHeader, slot } from './state.ts'

/** The sampled columns of a block that join the moments at once, as the kernels read them (`assembly/cmd.ts`). */
export interface Piece {
  /** V, w, f, φ, then w (the piece's mean - rmean) for each reference and a 0. */
  readonly table: number
  /** A column's weight, 0 where it is not sampled. */
  readonly weights: number
  /** A row of weighted centred positions for each reference and a row of zeros. */
  readonly rho: number
  readonly width: number
  /** First sampled column, and columns up to the last one. */
  first: number
  count: number
}

/** Values of a piece before those of the references. */
const scalars = 4

/** Columns of a row of a piece: a block's and a 0 at least. */
const widthOf = (block: number): number => 2 * Math.floor(block / 2) + 2

/** Scratch bytes of a piece. */
export function pieceBytes(modes: number, block: number): number {
  return 8 * (scalars + modes + 1 + (modes + 2) * widthOf(block))
}

/** A piece's tables at an address that is a multiple of 8. */
export function openPiece(address: number, modes: number, block: number): Piece {
  const width = widthOf(block)
  const weights = address + 8 * (scalars + modes + 1)
  return { table: address, weights, rho: weights + 8 * width, width, first: 0, count: 0 }
}

/**
 * Adds columns to the references' own moments, mean and R_mm (Chan, Golub, LeVeque 1983), and fills the piece with what
 * the moments of all other rows take from them.
 *
 * @param columns places in the block of the sampled columns, at least one
 * @param track a reference's positions at these columns
 * @param forget β: a column's weight is β^(columns after it)
 */
export function fillPiece(
  piece: Piece,
  arena: Arena,
  header: CmdHeader,
  columns: readonly number[],
  track: (mode: number) => Float64Array,
  forget: number
): void {
  const { figures, mean, energy } = header
  const modes = figures[slot.modes]!
  const { weights, total, fade } = weigh(columns.length, forget)
  const before = fade * figures[slot.weight]!
  const fraction = total / (before + total)
  const weight = before * fraction
  const table = arena.f64(piece.table, scalars + modes + 1).fill(0)
  const columnWeights = arena.f64(piece.weights, piece.width).fill(0)
  const rho = arena.f64(piece.rho, (modes + 1) * piece.width).fill(0)
  table.set([total, weight, fraction, fade])
  columns.forEach((column, i) => {
    columnWeights[column] = weights[i]!
  })
  for (let m = 0; m < modes; m++) {
    const positions = track(m)
    const origin = positions[0]!
    let offset = 0
    for (const [i, position] of positions.entries())
      offset += (weights[i]! * (position - origin)) / total
    const shift = origin + offset - mean[m]!
    let square = 0
    columns.forEach((column, i) => {
      const centred = positions[i]! - origin - offset
      rho[m * piece.width + column] = weights[i]! * centred
      square += weights[i]! * centred * centred
    })
    table[scalars + m] = weight * shift
    mean[m]! += fraction * shift
    const faded = fade * energy[m]!
    energy[m] = (faded < leastEnergy ? 0 : faded) + square + weight * shift * shift
  }
  figures[slot.samples]! += columns.length
  figures[slot.weight] = before + total
  piece.first = columns[0]!
  piece.count = columns.at(-1)! + 1
}

/** What has faded below this is 0, in the kernels too. */
const leastEnergy = 1e-280

/** Weights of n columns, their sum, and what all that came before them fades by. */
function weigh(n: number, forget: number): { weights: Float64Array; total: number; fade: number } {
  const weights = new Float64Array(n)
  let total = 0
  let fade = 1
  for (let i = n - 1; i >= 0; i--) {
    weights[i] = fade
    total += fade
    fade *= forget
  }
  return { weights, total, fade }
}

/** R_mm^-1/2 for each reference, 0 for one that stood still; and a 0. */
export function fillScale(
  { figures, energy }: Pick<CmdHeader, 'figures' | 'energy'>,
  scale: Float64Array
): void {
  const modes = figures[slot.modes]!
  for (let m = 0; m < modes; m++) scale[m] = energy[m]! > 0 ? 1 / Math.sqrt(energy[m]!) : 0
  scale[modes] = 0
}

import { fading } from '../../stage/index.ts'
import type { CmdInstance } from './instance.ts'

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
 */
export function fillPiece(
  { arena, header, options }: Pick<CmdInstance, 'arena' | 'header' | 'options'>,
  piece: Piece,
  columns: readonly number[],
  track: (mode: number) => Float64Array
): void {
  const { modes, mean, energy } = header
  const { weights, fade } = fading(columns.length, options.forget)
  const total = weights.reduceRight((sum, weight) => sum + weight, 0)
  const before = fade * header.weight
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
  header.samples += columns.length
  header.weight = before + total
  piece.first = columns[0]!
  piece.count = columns.at(-1)! + 1
}

/** What has faded below this is 0, in the kernels too. */
const leastEnergy = 1e-280

/** R_mm^-1/2 for each reference, 0 for one that stood still; and a 0. */
export function fillScale(
  { arena, header }: Pick<CmdInstance, 'arena' | 'header'>,
  address: number
): void {
  const { modes, energy } = header
  arena
    .f64(address, modes + 1)
    .set([
      ...energy.subarray(0, modes).map((square) => (square > 0 ? 1 / Math.sqrt(square) : 0)),
      0,
    ])
}

import type { Arena } from '../../kernels/arena.ts'
import { type CmdHeader, slot } from './state.ts'

/** The sampled columns of a block that join the moments at once, as the kernels read them (`assembly/cmd.ts`). */
export interface Piece {
  /** n_b, w, f, then w (the piece's mean - rmean) for each reference and a 0. */
  readonly table: number
  /** A row of centred positions for each reference and a row of zeros. */
  readonly rho: number
  readonly take: number
  readonly width: number
  /** Columns up to the last sampled one. */
  count: number
}

/** Scratch bytes of a piece. */
export function pieceBytes(modes: number, block: number): number {
  return 8 * (4 + modes + (modes + 1) * block) + block
}

/** A piece's tables at an address that is a multiple of 8. */
export function openPiece(address: number, modes: number, block: number): Piece {
  const rho = address + 8 * (4 + modes)
  return { table: address, rho, take: rho + 8 * (modes + 1) * block, width: block, count: 0 }
}

/**
 * Adds columns to the references' own moments, mean and R_mm (Chan, Golub, LeVeque 1983), and fills the piece with what
 * the moments of all other rows take from them.
 *
 * @param columns places in the block of the sampled columns, at least one
 * @param track a reference's positions at these columns
 */
export function fillPiece(
  piece: Piece,
  arena: Arena,
  header: CmdHeader,
  columns: readonly number[],
  track: (mode: number) => Float64Array
): void {
  const { figures, mean, energy } = header
  const modes = figures[slot.modes]!
  const before = figures[slot.samples]!
  const samples = columns.length
  const fraction = samples / (before + samples)
  const weight = before * fraction
  const table = arena.f64(piece.table, 4 + modes).fill(0)
  const rho = arena.f64(piece.rho, (modes + 1) * piece.width).fill(0)
  const take = arena.u8(piece.take, piece.width).fill(0)
  table.set([samples, weight, fraction])
  for (const column of columns) take[column] = 1
  for (let m = 0; m < modes; m++) {
    const positions = track(m)
    const origin = positions[0]!
    let offset = 0
    for (const position of positions) offset += (position - origin) / samples
    const shift = origin + offset - mean[m]!
    let square = 0
    columns.forEach((column, i) => {
      const centred = positions[i]! - origin - offset
      rho[m * piece.width + column] = centred
      square += centred * centred
    })
    table[3 + m] = weight * shift
    mean[m]! += fraction * shift
    energy[m]! += square + weight * shift * shift
  }
  figures[slot.samples] = before + samples
  piece.count = columns.at(-1)! + 1
}

/** R_mm^-1/2 for each reference, 0 for one that stood still. */
export function fillScale({ figures, energy }: CmdHeader, scale: Float64Array): void {
  for (let m = 0; m < figures[slot.modes]!; m++) {
    scale[m] = energy[m]! > 0 ? 1 / Math.sqrt(energy[m]!) : 0
  }
}

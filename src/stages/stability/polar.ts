import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { copyPanels, panels, type View, viewOf } from '../../linalg/panels.ts'
import { symmetricEigen, symmetricWork } from '../../linalg/symmetric.ts'
import type { Arena } from '../../stage/index.ts'
import { cut, dividingSchedule, dividingSteps, schedule } from './schedule.ts'

/** Steps run in f64 until the least singular value reaches this: from then on f32 can represent all of them. */
const single = 0.05

/** Steps end at this distance from 1, by the bytes of an element. */
const accuracy = { 4: 1e-7, 8: 1e-15 } as const

/** Most steps that separate singular values at the cut. It takes more than a few only if a value is within a thousandth of the cut. */
const mostDivisions = 24

/** The longer and the shorter side of a matrix. */
export interface Sides {
  readonly long: number
  readonly short: number
}

/** Addresses at which a polar factor is computed. */
export interface PolarRoom {
  /** The matrix in panels of f64; also the factor, if it is kept in f64. */
  readonly matrix: number
  /** The factor in panels of f32, if it is kept in f32. */
  readonly narrow: number
  /** An n x n matrix in f64, with n the shorter side. */
  readonly square: number
  readonly work: number
}

/** Bytes of each of these. */
export function polarBytes({ long, short }: Sides, storageBytes: 4 | 8) {
  return {
    matrix: panels(long, short).bytes,
    narrow: storageBytes === 4 ? panels(long, short, 4).bytes : 0,
    square: panels(short, short).bytes,
    work: Math.max(symmetricWork(short), 64 * 8 * panels(short, short).rows),
  }
}

export interface Polar {
  /** Address of the factor. */
  readonly at: number
  /** Singular values of the matrix, largest first. */
  readonly values: Float64Array
}

/**
 * The orthogonal polar factor U Vᵀ of a matrix U Σ Vᵀ with its rows along the longer side, without directions below `cut`, by Newton-Schulz
 * iteration. The steps are chosen by the singular values, which come from the Gram matrix in f64, with an error of some u σ_1² / σ.
 */
export function polarFactor(
  arena: Arena,
  sides: Sides,
  storageBytes: 4 | 8,
  room: PolarRoom
): Polar {
  const { square, work } = room
  const { rows: m, columns: n } = panels(sides.long, sides.short)
  const kernels = arena.kernels(linalgKernels)
  const byRows = { start: square, row: 8 * n, panel: 32 }
  const gram = { a: room.matrix, m: n, b: room.matrix, n, k: m, isSymmetric: true, out: byRows }
  kernels.inner_f64(gram)
  kernels.symmetric_f64({ n, shift: 0, scale: 1, out: byRows })
  const eigen = symmetricEigen(arena, square, sides.short, work)
  const values = eigen.values.map((value) => Math.sqrt(Math.max(0, value)))
  const largest = values[0]!
  if (!(largest > 0)) return { at: emptied(arena, sides, storageBytes, room), values }

  let { matrix: y } = room
  let bytes: 4 | 8 = 8
  const step = (shift: number, scale: number): void => {
    const out = { start: square, row: 32, panel: 32 * n }
    const inner = { a: y, m: n, b: y, n, k: m, isSymmetric: true, out }
    const product = { y, m, n, p: square, s: n, out: y, work }
    const completed = { n, shift, scale, out }
    if (bytes === 8) {
      kernels.inner_f64(inner)
      kernels.symmetric_f64(completed)
      kernels.multiply_f64(product)
    } else {
      kernels.inner_f32(inner)
      kernels.symmetric_f32(completed)
      kernels.multiply_f32(product)
    }
  }
  const narrow = (): void => {
    copyPanels(arena, { at: y, ...panels(m, n) }, { at: room.narrow, ...panels(m, n, 4) })
    y = room.narrow
    bytes = 4
  }

  const ratio = values.at(-1)! / largest
  const isWhole = ratio >= cut
  // Near the cut, the Gram matrix gives the least value only to some percent.
  const { start, steps } = isWhole
    ? schedule(0.95 * ratio, accuracy[storageBytes])
    : dividingSchedule()
  let scale = start / (largest * (1 + 1e-12))
  let least = start * ratio
  for (const { shift, scale: factor, least: next } of steps) {
    if (storageBytes === 4 && bytes === 8 && least > single) narrow()
    step(shift * scale, factor * scale * scale * scale)
    scale = 1
    least = next
  }
  if (storageBytes === 4 && bytes === 8) narrow()
  if (!isWhole) {
    const factor = viewOf(arena, { at: y, ...panels(m, n, storageBytes) })
    divided(factor, sides.short, step)
  }
  return { at: y, values }
}

/** Brings singular values to 0 or 1, depending on their side of the divide. */
function divided(view: View, short: number, step: (shift: number, scale: number) => void): void {
  const squares = (): number => {
    let sum = 0
    for (const value of view) sum += value * value
    return sum
  }
  let before = squares()
  for (let i = 0; i < mostDivisions; i++) {
    for (const { shift, scale } of dividingSteps) step(shift, scale)
    const after = squares()
    if (Math.abs(after - before) < 1e-7 * short) return
    before = after
  }
}

/** The factor of a zero matrix. */
function emptied(
  arena: Arena,
  { long, short }: Sides,
  storageBytes: 4 | 8,
  { matrix, narrow }: PolarRoom
): number {
  const at = storageBytes === 8 ? matrix : narrow
  viewOf(arena, { at, ...panels(long, short, storageBytes) }).fill(0)
  return at
}

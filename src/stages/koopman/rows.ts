import { mostSweeps } from '../../linalg/rotations.ts'
import type { RowSweeps } from '../../linalg/row-sweeps.ts'
import type { Arena } from '../../stage/index.ts'
import { koopmanKernels } from './kernels.gen.ts'
import type { Layout } from './layout.ts'

/** Bytes of memory that `rowSweepsIn` works in: the rows of positions, or those of the positions now and later in the modes. */
export const rowSweepsWork = ({ state }: Layout, modes: number): number => {
  const most = Math.max(state, 2 * Math.min(modes, state)) + 1
  return 8 * most * most
}

/** Turns rows in WebAssembly, to the same bits as in JavaScript. */
export function rowSweepsIn(arena: Arena, work: number): RowSweeps {
  return (rows, count, columns) => {
    const place = arena.f64(work, count * columns)
    place.set(rows)
    const kernels = arena.kernels(koopmanKernels)
    const converged = kernels.koopman_rows({ rows: work, count, columns, most: mostSweeps })
    rows.set(place)
    return converged === 1
  }
}

import { jacobi } from '../../linalg/jacobi.ts'
import { mirrored } from '../../linalg/matrix.ts'
import {
  countsTree,
  openHeader,
  type StageInstance,
  type Step,
  ThalwegError,
} from '../../stage/index.ts'
import { drawChance } from './chance.ts'
import { findCover } from './cover.ts'
import { layCover, sharesOf } from './coverage.ts'
import type { Looked } from './kernels.gen.ts'
import { lookAt } from './look.ts'
import { modeValues, pendingValues } from './report.ts'
import { layRows, type Moments, openRows, type Rows } from './rows.ts'
import { drawRows, type KnownRows, lineOf, place, rowsAt } from './sample.ts'
import type { CmdContext, CmdOptions, CmdShape, cmdFigures } from './spec.ts'
import { type CmdHeader, columnsOf, headerShape } from './state.ts'

/** Squares below this fraction of the greatest are rounding noise of B's storage. */
const noise = 1e-12

/** Lays out a step's scratch memory, starting at an address. */
export function layScratch(address: number, shape: CmdShape, options: CmdOptions) {
  const rows = layRows(address, shape, options)
  const cover = layCover(rows.end, options)
  return { rows, cover, bytes: cover.end - address }
}

/**
 * Makes the step of one scope on one shard: it takes positions into the factor, chooses references from it, and gives every weight a mode.
 */
export function cmdStep(context: CmdContext): StageInstance<typeof cmdFigures>['step'] {
  const { options, shape, scope, arena } = context
  const header = openHeader(arena, context.header, headerShape(options))
  const scratch = layScratch(context.scratch, shape, options)

  return function* step(block, mode) {
    const looked = lookAt(arena, header, options, block, scratch.rows.roots)
    const rows = openRows(context, header, scratch.rows, block, mode.commit)
    const moments = looked && (yield* advance(context, header, rows, looked))
    if (moments && moments.moving > 0 && isDue(header, options)) {
      const drawn = yield* drawRows(context, rows, moments, header.kept)
      const current = yield* referencesOf(context, header, rows)
      const shares = sharesOf(drawn, moments.energy / moments.moving, scratch.cover)
      const cover = findCover(arena, scratch.cover, options, drawn, shares, current)
      drawChance(arena, scratch.cover, options, header, drawn, shares)
      header.scatter = cover.scatter
      header.chosen = header.positions
      header.modes = cover.rows.length
      header.row.set(cover.rows)
    }
    keep(header, options, yield* referencesOf(context, header, rows))
    const assigned = header.modes > 0 ? rows.assign() : undefined
    if (!mode.report) return {}
    if (!assigned) return { values: pendingValues(context, header) }
    const { add: sums } = yield { add: assigned.sums.partial(scope.to) }
    const { add: counts } = yield { add: countsTree(scope, [0, ...assigned.counts]) }
    return { values: modeValues(context, header, sums, counts.subarray(1)) }
  }
}

/** Whether it is time to choose references. */
function isDue({ positions, modes, chosen }: CmdHeader, { warmup, choose }: CmdOptions): boolean {
  return positions >= warmup && (modes === 0 || positions - chosen >= choose)
}

/** Takes a block's positions into the moments and the factor. */
function* advance(
  { options, scope }: CmdContext,
  header: CmdHeader,
  rows: Rows,
  looked: Looked
): Step<Moments> {
  const moments = yield* rows.gram(looked)
  const size = header.kept + looked.taken
  const { values, vectors, converged } = jacobi(mirrored(moments.gram, size), size)
  if (!converged) {
    throw new ThalwegError(
      'E_KERNEL',
      `stage cmd: the eigenvalues of the Gram matrix of ${scope.name} did not converge. Please report this.`
    )
  }
  const cut = noise * values[0]!
  const kept = Math.min(columnsOf(options), values.filter((value) => value > cut).length)
  const turned = 4 * Math.ceil(kept / 4)
  const r = new Float64Array(size * turned)
  for (let i = 0; i < size; i++) r.set(vectors.subarray(i * size, i * size + kept), i * turned)
  rows.turn(looked, r, turned)
  header.kept = kept
  return moments
}

/** The references' rows as the block leaves them. */
function referencesOf({ scope }: CmdContext, header: CmdHeader, rows: Rows): Step<KnownRows> {
  return rowsAt(scope, rows, header.row.slice(0, header.modes), header.kept)
}

/** Stores the current rows of the references in the header. */
function keep(header: CmdHeader, options: CmdOptions, { count, kept, table }: KnownRows): void {
  const line = lineOf({ kept })
  for (let m = 0; m < count; m++) {
    const values = table.subarray(m * line, (m + 1) * line)
    header.energy[m] = values[place.energy]!
    header.mean[m] = values[place.mean]!
    header.origin[m] = values[place.origin]!
    header.factor.set(values.subarray(place.factor), m * columnsOf(options))
  }
}

import { type Arena, type Block, fading } from '../../stage/index.ts'
import type { Looked } from './kernels.gen.ts'
import type { CmdOptions } from './spec.ts'
import type { CmdHeader } from './state.ts'

/**
 * Counts the looked-at positions of a block in the header. Tells the kernels which positions these are and what the moments of every row
 * need from them (`assembly/cmd.ts`).
 *
 * @param roots address of one f64 for each column of a block
 * @returns undefined if no position is looked at
 */
export function lookAt(
  arena: Arena,
  header: CmdHeader,
  { look, forget }: CmdOptions,
  block: Block,
  roots: number
): Looked | undefined {
  const places = placesOf(header, look, block)
  const taken = places.length
  if (taken === 0) return undefined
  const count = places.at(-1)! + 1
  const { weights, fade } = fading(taken, forget)
  const table = arena.f64(roots, count).fill(0)
  places.forEach((column, i) => {
    table[column] = Math.sqrt(weights[i]!)
  })
  const added = weights.reduceRight((sum, weight) => sum + weight, 0)
  const before = fade * header.weight
  const fresh = header.positions === 0
  if (fresh) header.from = block.steps[places[0]!]!
  header.to = block.steps[count - 1]!
  header.positions += taken
  header.weight = before + added
  return {
    count,
    taken,
    roots,
    kappa: (1 - Math.sqrt(before / (before + added))) / added,
    fade,
    fresh,
    fraction: 1 / (before + added),
  }
}

/**
 * Indices of the columns after which positions are looked at: every so many recorded steps, or the first known one of every epoch. Counts
 * the positions that were due but not known, and the breaks.
 */
function placesOf(header: CmdHeader, { steps, epochs }: CmdOptions['look'], block: Block) {
  return block.of(0).marks.flatMap(({ present, sure, breaks }, column) => {
    if (breaks) header.breaks++
    const epoch = Math.floor((block.epochs[column] ?? Number.NaN) / (epochs ?? 1)) + 1
    const due =
      epochs === undefined ? (block.before + column + 1) % (steps ?? 1) === 0 : epoch > header.epoch
    if (!due) return []
    if (present && sure) {
      if (epochs !== undefined) header.epoch = epoch
      return [column]
    }
    header.skipped++
    return []
  })
}

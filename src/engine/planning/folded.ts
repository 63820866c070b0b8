import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { sketchingOf } from '../settings/settings.ts'
import type { Draft } from './drafts.ts'
import type { Layout, PlacedScope } from './layout.ts'

/** Role of a tensor of single weights. Other tensors of the run hold the same weights, or sketches of them. */
const sampleRole = 'sample'

export function isSample({ tensors }: OpenFrame, index: number): boolean {
  return tensors[index]!.role === sampleRole
}

/** Whether a stage needs single weights, which a sketch does not have. */
export function needsWeights(draft: Draft): boolean {
  return sketchingOf(draft) === 'never'
}

/**
 * The tensors that a stage looks at if its selection names none and the producer sends sketches or a sample of weights. A stage
 * that needs single weights looks at the sample instead of the sketches. Any other stage looks at everything but the sample.
 *
 * @param chosen positions in the layout
 */
export function lookedAt(
  chosen: readonly number[],
  { tensors }: Layout,
  open: OpenFrame,
  weights: boolean
): readonly number[] {
  const samples = chosen.filter((i) => isSample(open, tensors[i]!.index))
  if (samples.length === 0 || samples.length === chosen.length) return chosen
  const hasSketch = chosen.some((i) => tensors[i]!.folded !== undefined)
  return weights && hasSketch ? samples : chosen.filter((i) => !samples.includes(i))
}

/** @throws E_FOLD when a stage needs weights that the producer has folded, or would count weights twice */
export function checkFolded(draft: Draft, scopes: readonly PlacedScope[], open: OpenFrame): void {
  const refuse = (what: string) => new ThalwegError('E_FOLD', `stage ${draft.id}: ${what}`)
  for (const { name, indices } of scopes) {
    const folded = indices.find((index) => open.tensors[index]!.fold !== undefined)
    if (folded !== undefined && needsWeights(draft)) {
      throw refuse(
        `it needs single weights, but tensor ${quoted(open.tensors[folded]!.name)} is a sketch that its producer has made of ${open.tensors[folded]!.fold!.elements}. Leave the stage out, select other tensors, or send a sample of the weights (role "${sampleRole}").`
      )
    }
    const sample = indices.find((index) => isSample(open, index))
    const other = indices.find((index) => !isSample(open, index))
    if (sample !== undefined && other !== undefined) {
      throw refuse(
        `it looks at ${quoted(open.tensors[sample]!.name)}, a sample of the weights, and ${quoted(open.tensors[other]!.name)} in one scope (${name}): weights would count twice. Select the one or the other.`
      )
    }
  }
}

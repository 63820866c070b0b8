import { ThalwegError } from '../../error.ts'
import { formatPath } from '../../spec/path.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import type { Settings } from '../settings/settings.ts'
import type { Draft } from './drafts.ts'
import { checkFolded, needsWeights } from './folded.ts'
import { cutScopes, type PlacedScope, type RunLayout } from './layout.ts'

/** A group of which a stage looks at no tensor. */
export interface EmptyGroup {
  readonly stage: string
  /** `group:<name>`. */
  readonly scope: string
}

export interface StageScopes {
  /** The scopes of each draft. */
  readonly scopes: readonly (readonly PlacedScope[])[]
  readonly emptyGroups: readonly EmptyGroup[]
}

/** The scopes that each stage works on. @throws E_SELECT, E_FOLD when a stage has no scope that it can work on */
export function scopesOf(
  open: OpenFrame,
  settings: Settings,
  drafts: readonly Draft[],
  layout: RunLayout
): StageScopes {
  const emptyGroups: EmptyGroup[] = []
  const known = new Map<string, PlacedScope[]>()
  const scopes = drafts.map((draft) => {
    const source = sourceOf(draft, drafts)
    const { per, select } = draft
    const { definition, options } = source
    const isTaken = (i: number): boolean => definition.takes?.(open.tensors[i]!, per) ?? true
    const smallest = definition.smallest?.(options, settings.block) ?? 0
    const weights = needsWeights(source)
    const path = placeOf(draft)
    const choice = { isTaken, per, select, groups: settings.groups, smallest, weights, path }
    // Most stages of a pipeline look at the same rows.
    const key = JSON.stringify([
      per,
      select,
      smallest,
      weights,
      definition.takes && definition.type,
    ])
    const cut = known.get(key) ?? cutScopes(open, layout, choice)
    known.set(key, cut)
    const whole = cut.filter(({ tensors }) => tensors.length > 0)
    if (whole.length === 0) throw noGroup(draft)
    checkFolded(draft, whole, open)
    const empty = cut.filter(({ tensors }) => tensors.length === 0)
    emptyGroups.push(...empty.map(({ name }) => ({ stage: draft.id, scope: name })))
    return whole
  })
  return { scopes, emptyGroups }
}

function noGroup(draft: Draft): ThalwegError {
  const place = placeOf(draft)
  return new ThalwegError(
    'E_SELECT',
    `${place}: no group has a tensor among those that stage ${draft.id} looks at. Widen its "select", or name other tensors in "groups".`,
    { path: place }
  )
}

/** Where a stage stands in the configuration. A stage that runs unasked has no place there, so its id is given. */
function placeOf({ id, path }: Draft): string {
  return path.length > 0 ? formatPath(path) : `stage ${id}`
}

/** The stage that determines a stage's scopes: itself, or the first stage it reads, since all that it reads have the same scopes. */
function sourceOf(draft: Draft, drafts: readonly Draft[]): Draft {
  const source = drafts.find(({ id }) => id === draft.on[0])
  return source ? sourceOf(source, drafts) : draft
}

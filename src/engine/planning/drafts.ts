import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import type { Needs } from '../../stage/define.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import type { ParsedStage, Settings } from '../settings/settings.ts'

/** A stage with its needs of a run, before it gets memory. */
export interface Draft extends ParsedStage {
  readonly needs: Needs
  /** Members whose columns the stage reads. */
  readonly members: readonly number[]
}

/**
 * Asks all stages what they need of a run.
 *
 * @throws E_CONFIG for stages that cannot work on it
 */
export function draftsOf(open: OpenFrame, settings: Settings): Draft[] {
  const drafts = settings.stages.map((stage): Draft => {
    const needs = stage.definition.needs?.(stage.options, open, stage.member) ?? {}
    const members = needs.members ?? [stage.member]
    const missing = members.find((m) => m >= open.members)
    if (missing !== undefined) {
      throw new ThalwegError(
        'E_CONFIG',
        `stage ${stage.id}: member ${missing} does not exist, run ${quoted(open.run)} has ${open.members}. Choose a member below ${open.members}.`
      )
    }
    return { ...stage, needs, members }
  })
  const walked = walkedBy(drafts)
  return drafts.map((draft) =>
    walked.has(draft.id) ? { ...draft, needs: { ...draft.needs, null: true } } : draft
  )
}

/** Sources of stages that run on the null. They must run on the null too, because their readers read their results there. */
function walkedBy(drafts: readonly Draft[]): ReadonlySet<string> {
  const walked = new Set<string>()
  for (const { id, needs, sources } of [...drafts].reverse()) {
    if (!needs.null && !walked.has(id)) continue
    for (const source of Object.values(sources)) walked.add(source)
  }
  return walked
}

import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import type { Path } from '../../spec/path.ts'
import { throwErrors } from '../../spec/problem.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import type { Settings } from '../settings.ts'
import type { Needs, Sketching } from '../stage.ts'
import { type ParsedStage, parseStage, sketchingOf } from './parse-stage.ts'
import { ruleProblems } from './rules.ts'

/** A stage with what it asks of a run, before it is given memory. */
export interface Draft extends ParsedStage {
  readonly path: Path
  readonly needs: Needs
  /** Members whose columns it reads. */
  readonly members: readonly number[]
}

/**
 * Reads all stages' options and needs.
 *
 * @throws E_CONFIG and E_RANK for stages that cannot work on this run
 */
export function draftsOf(open: OpenFrame, settings: Settings): Draft[] {
  const first = settings.stages.findIndex(({ implied }) => !implied)
  const parsed = settings.stages.map((value, i) => {
    const path = ['stages', i - first]
    return { ...parseStage(value, settings.block, path), path }
  })
  throwErrors(
    [...parsed.flatMap((stage) => stage.problems), ...ruleProblems(settings, parsed)],
    `run ${quoted(open.run)}`
  )
  return parsed.map((stage) => {
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
}

/** What all stages together make of a sketch: one that needs every weight rules it out. */
export function sketchingOfAll(drafts: readonly Draft[]): Sketching {
  const all = drafts.map(sketchingOf)
  if (all.includes('never')) return 'never'
  return all.includes('always') ? 'always' : all.includes('fallback') ? 'fallback' : 'never'
}

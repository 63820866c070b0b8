import { nearest } from '../../spec/nearest.ts'
import { type Problem, problem } from '../../spec/problem.ts'
import type { ParsedStage } from './settings.ts'

export interface Pairing {
  /** For each port, the stage that it is read from. */
  readonly sources: { readonly [port: string]: string }
  /** What those stages declare beforehand about their ports. */
  readonly facts: { readonly [port: string]: unknown }
  readonly problems: readonly Problem[]
  /** False if a stage that is read is itself faulty, so that its facts are not known. */
  readonly isKnown: boolean
}

/**
 * Finds the ports that a stage reads of the stages named in its `on`.
 *
 * @param earlier the stages before it
 * @param sound those of the earlier stages whose options are correct
 * @param later the names of the stages after it
 */
export function pairPorts(
  stage: Omit<ParsedStage, 'sources'>,
  earlier: readonly ParsedStage[],
  sound: ReadonlySet<ParsedStage>,
  later: readonly string[],
  block: number
): Pairing {
  const { definition, options, on, path } = stage
  const at = [...path, 'on']
  const reads = Object.keys(definition.reads ?? {})
  const sources: Record<string, string> = {}
  const facts: Record<string, unknown> = {}
  const problems: Problem[] = []
  let isKnown = true
  for (const name of on) {
    const source = earlier.find(({ id }) => id === name)
    if (!source) {
      problems.push(problem(at, unknownStage(name, earlier, later)))
      continue
    }
    if (rowsOf(stage) !== rowsOf(source)) {
      const message = `stage "${name}" looks at other rows. Give both the same "per", "member" and "select".`
      problems.push(problem(at, message))
    }
    const offered = Object.keys(source.definition.ports ?? {}).filter((port) =>
      reads.includes(port)
    )
    if (offered.length === 0) problems.push(problem(at, nothingToRead(stage, source)))
    const known = sound.has(source)
    isKnown &&= known
    for (const port of offered) {
      if (sources[port] !== undefined) {
        const message = `stages "${sources[port]}" and "${name}" both offer "${port}". Name one of them.`
        problems.push(problem(at, message))
      }
      sources[port] = name
      if (known) facts[port] = source.definition.offers!(source.options, block)[port]
    }
  }
  if (problems.length > 0 || !isKnown) return { sources, facts, problems, isKnown }
  for (const port of definition.requires?.(options) ?? []) {
    if (sources[port] !== undefined) continue
    const offers = earlier.filter(({ definition }) => definition.ports?.[port])
    const named = offers.map(({ id }) => `"${id}"`).join(' or ')
    const hint =
      named === ''
        ? `Put a stage that offers it before this one and name it; "thalweg list" says which do.`
        : `Name ${named}.`
    problems.push(problem(at, `this stage reads "${port}" of an earlier one. ${hint}`))
  }
  return { sources, facts, problems, isKnown }
}

/** What determines a stage's rows. A stage works on the rows of the stage that it reads. */
function rowsOf({ per, member, select }: Omit<ParsedStage, 'sources'>): string {
  return JSON.stringify([per, member, select])
}

function unknownStage(
  name: string,
  earlier: readonly ParsedStage[],
  later: readonly string[]
): string {
  if (later.includes(name)) {
    return `stage "${name}" does not come before this one. Stages run in order: move it up.`
  }
  const ids = earlier.filter(({ path }) => path.length > 0).map(({ id }) => id)
  const near = nearest(name, ids)
  if (near !== undefined) return `no stage is called "${name}". Did you mean "${near}"?`
  const known = ids.length > 0 ? `Earlier ones: ${ids.join(', ')}.` : 'None comes earlier.'
  return `no stage is called "${name}". ${known}`
}

function nothingToRead(
  { definition: { type, reads = {} } }: Omit<ParsedStage, 'sources'>,
  source: ParsedStage
): string {
  const offers = Object.keys(source.definition.ports ?? {})
  const wanted = Object.keys(reads)
  if (wanted.length === 0) return `a stage of type "${type}" reads no other stage. Leave "on" out.`
  const offered = offers.length === 0 ? 'nothing' : list(offers)
  return `stage "${source.id}" of type "${source.definition.type}" offers ${offered}, expected one that offers ${list(wanted)}.`
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')

import { formatPath } from '../../spec/path.ts'
import { type Problem, problem } from '../../spec/problem.ts'
import { type PlainSettings as Global, type ParsedStage, sketchingOf } from './settings.ts'

/** Names of summaries that come from no stage. */
const reservedIds = ['metrics', 'run']

export function selectProblems({ select }: Global): Problem[] {
  if (select.to === undefined || select.to >= select.from) return []
  return [
    problem(
      ['select', 'to'],
      `step ${select.to} lies before "from", ${select.from}: nothing is selected. Raise "to" or lower "from".`
    ),
  ]
}

/** Warns of groups that no stage uses. */
export function groupProblems({ groups }: Global, stages: readonly ParsedStage[]): Problem[] {
  if (Object.keys(groups).length === 0 || stages.some(({ per }) => per === 'group')) return []
  const message =
    'no stage has "per": "group", so they change nothing. Give one that, or leave them out.'
  return [{ ...problem(['groups'], message), level: 'warn' }]
}

/** Problems of a stage that only the settings or the stages before it reveal. */
export function ruleProblems(
  stage: ParsedStage,
  earlier: readonly ParsedStage[],
  settings: Global
): Problem[] {
  const { id, per, member, path, definition } = stage
  const problems: Problem[] = []
  const taken = earlier.find((other) => other.id === id)
  if (taken) {
    const message = `id "${id}" is taken by ${formatPath(taken.path)}. Give this stage an "id".`
    problems.push(problem(path, message))
  }
  if (reservedIds.includes(id)) {
    const message = `"${id}" is the name of other summaries. Choose another "id".`
    problems.push(problem([...path, 'id'], message))
  }
  if (definition.placement === 'tensor' && per !== 'tensor') {
    const message = `"${per}" is not for a stage of type "${definition.type}", which looks at whole tensors. Write "tensor", or leave it out.`
    problems.push(problem([...path, 'per'], message))
  }
  if (per === 'group' && Object.keys(settings.groups).length === 0) {
    const message = '"group" needs groups, but the pipeline has none. Add "groups".'
    problems.push(problem([...path, 'per'], message))
  }
  if (member >= settings.limits.members) {
    const message = `member ${member} is beyond "limits.members", ${settings.limits.members}. Raise the limit.`
    problems.push(problem([...path, 'member'], message))
  }
  return [...problems, ...sketchProblems(stage, earlier)]
}

/** A run makes a sketch for all its stages or for none. */
function sketchProblems(stage: ParsedStage, earlier: readonly ParsedStage[]): Problem[] {
  const own = sketchingOf(stage)
  const clash = earlier.find((other) => {
    const both = [own, sketchingOf(other)]
    return both.includes('always') && both.includes('never')
  })
  if (!clash) return []
  const [always, never] = own === 'always' ? [stage, clash] : [clash, stage]
  const message = `stage ${always.id} asks for a sketch, stage ${never.id} looks at every weight. Give one of them a pipeline of its own.`
  return [problem(always.path, message)]
}

import { nearest } from '../../spec/nearest.ts'
import { formatPath, type Path } from '../../spec/path.ts'
import { type Problem, problem } from '../../spec/problem.ts'
import type { Settings } from '../settings.ts'
import { type ParsedStage, sketchingOf } from './parse-stage.ts'

type Placed = ParsedStage & { readonly path: Path }

/** What summaries that are no stage's call themselves. */
const reservedIds = ['metrics', 'run']

/** Problems that show only in several options together. */
export function ruleProblems(
  settings: Omit<Settings, 'stages'>,
  stages: readonly Placed[]
): Problem[] {
  return [
    ...selectProblems(settings),
    ...sketchProblems(stages),
    ...groupProblems(settings, stages),
    ...stages.flatMap((_, i) => stageProblems(settings, stages, i)),
  ]
}

function selectProblems({ select }: Omit<Settings, 'stages'>): Problem[] {
  if (select.to === undefined || select.to >= select.from) return []
  return [
    problem(
      ['select', 'to'],
      `step ${select.to} lies before "from", ${select.from}: nothing is selected. Raise "to" or lower "from".`
    ),
  ]
}

/** Groups that no stage asks for do nothing. */
function groupProblems({ groups }: Omit<Settings, 'stages'>, stages: readonly Placed[]): Problem[] {
  if (Object.keys(groups).length === 0 || stages.some(({ per }) => per === 'group')) return []
  const message =
    'no stage has "per": "group", so they change nothing. Give one that, or leave them out.'
  return [{ ...problem(['groups'], message), level: 'warn' }]
}

/** A run is sketched for all its stages or for none. */
function sketchProblems(stages: readonly Placed[]): Problem[] {
  const uses = stages.map(sketchingOf)
  const blind = stages[uses.indexOf('never')]
  const { path, id } = stages[uses.indexOf('always')] ?? {}
  if (!blind || !path) return []
  const message = `stage ${id} asks for a sketch, stage ${blind.id} looks at every weight. Give one of them a pipeline of its own.`
  return [problem([...path, 'tier'], message)]
}

function stageProblems(
  settings: Omit<Settings, 'stages'>,
  stages: readonly Placed[],
  index: number
): Problem[] {
  const { id, on, per, member, path } = stages[index]!
  const earlier = stages.slice(0, index).map((stage) => stage.id)
  const problems: Problem[] = []
  if (earlier.includes(id)) {
    problems.push(
      problem(
        path,
        `id "${id}" is taken by ${formatPath(stages[earlier.indexOf(id)]!.path)}. Give this stage an "id".`
      )
    )
  }
  if (reservedIds.includes(id)) {
    const message = `"${id}" is the name of other summaries. Choose another "id".`
    problems.push(problem([...path, 'id'], message))
  }
  if (on !== undefined) {
    const upstream = stages[earlier.indexOf(on)]
    if (upstream) problems.push(...upstreamProblems(stages[index]!, upstream))
    else problems.push(problem([...path, 'on'], notEarlier(on, earlier, stages)))
  }
  if (per === 'group' && Object.keys(settings.groups).length === 0) {
    problems.push(
      problem([...path, 'per'], '"group" needs groups, but the pipeline has none. Add "groups".')
    )
  }
  if (member >= settings.limits.members) {
    problems.push(
      problem(
        [...path, 'member'],
        `member ${member} is beyond "limits.members", ${settings.limits.members}. Raise the limit.`
      )
    )
  }
  return problems
}

/** A stage works on the rows of the stage that it reads. */
function upstreamProblems(stage: Placed, upstream: Placed): readonly Problem[] {
  const { path } = stage
  const rowsOf = ({ per, member, select }: Placed): string => JSON.stringify([per, member, select])
  if (rowsOf(stage) !== rowsOf(upstream)) {
    const message = `stage "${upstream.id}" looks at other rows. Give both the same "per", "member" and "select".`
    return [problem([...path, 'on'], message)]
  }
  if (stage.problems.length + upstream.problems.length > 0) return []
  const { definition, options } = stage
  const { id } = upstream
  const known = { id, type: upstream.definition.type, options: upstream.options }
  const own = definition.checkUpstream?.(options, known) ?? []
  return own.map((found) => ({ ...found, path: [...path, ...found.path] }))
}

function notEarlier(on: string, earlier: readonly string[], stages: readonly Placed[]): string {
  if (stages.some(({ id }) => id === on)) {
    return `stage "${on}" does not come before this one. Stages run in order: move it up.`
  }
  const near = nearest(on, earlier)
  if (near !== undefined) return `no stage is called "${on}". Did you mean "${near}"?`
  const known = earlier.length > 0 ? `Earlier ones: ${earlier.join(', ')}.` : 'None comes earlier.'
  return `no stage is called "${on}". ${known}`
}

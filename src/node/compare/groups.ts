import { ThalwegError } from '../../error.ts'
import type { Group } from './compare.ts'
import { type GroupRule, inputsOf } from './reading/inputs.ts'
import { type ComparedRun, type Reading, runsIn } from './reading/runs.ts'

/**
 * Reads all runs and puts each into its group. The first rule that matches decides. Without rules, the group follows from the
 * run's path, or else from its name.
 *
 * @throws E_USAGE if there are not two groups, E_INPUT if there are no runs
 */
export async function groupsOf(
  paths: readonly string[],
  rules: readonly GroupRule[],
  reading: Reading
): Promise<Group[]> {
  const groups = new Map<string, ComparedRun[]>(rules.map(({ name }) => [name, []]))
  let first: ComparedRun | undefined
  for (const input of inputsOf(paths)) {
    for (const run of await runsIn(input, reading)) {
      first ??= run
      const name =
        rules.length > 0
          ? rules.find(({ takes }) => takes(input.path) || takes(run.run))?.name
          : (input.group ?? run.run)
      if (name === undefined) continue
      groups.set(name, [...(groups.get(name) ?? []), run])
    }
  }
  const [empty] = [...groups].filter(([, runs]) => runs.length === 0)
  if (empty) {
    throw new ThalwegError(
      'E_USAGE',
      `compare: --group "${empty[0]}" takes no run. Its glob is held against paths and names of runs, such as "${first?.path}" and "${first?.run}".`
    )
  }
  if (groups.size < 2) {
    const found = [...groups.keys()].map((name) => `"${name}"`)
    throw new ThalwegError(
      'E_USAGE',
      `compare: all runs are in one group, ${found.join('') || 'none'}. Give two files or folders, or say by --group name=glob which runs belong together.`
    )
  }
  return [...groups].map(([name, runs]) => ({ name, runs }))
}

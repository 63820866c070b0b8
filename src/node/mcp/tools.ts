import { type Gist, gistOf } from '../../sinks/summary/gist.ts'
import { Overview } from '../../sinks/table/overview.ts'
import { choice, type Fields, integer, list, type Options, string } from '../../spec/fields.ts'
import { figuresAround } from './figures.ts'
import { listRuns } from './list-runs.ts'
import { type Stored, summariesOfRun } from './runs.ts'

/** How many sentences or alerts an answer has at most: the most serious ones. */
const mostEntries = 100

const levels = ['info', 'warn', 'error'] as const

/** A question that can be answered from stored summaries. */
export interface Tool<F extends Fields = Fields> {
  readonly name: string
  readonly description: string
  readonly options: F
  /** @returns plain data of limited size */
  answer(stored: Stored, options: Options<F>): Promise<object>
}

const run = string({ description: 'the run, as list_runs names it', required: true })
const level = choice(levels, { description: 'this level or a graver one', default: 'info' })

export const tools: readonly Tool[] = [
  tool({
    name: 'list_runs',
    description:
      "The stored runs: how far each has come, how it ended, its stages with the question that each answers, its scopes, the trainer's metrics, and how many alerts came.",
    options: {},
    answer: listRuns,
  }),
  tool({
    name: 'sentences',
    description:
      'What a run has come to in plain sentences, each with its level, stage, scope and figure; what is grave first. Begin here.',
    options: { run, level },
    async answer(stored, { run, level }) {
      const { end, step, says } = await gistOfRun(stored, run)
      return { run, end, step, ...gravest('sentences', says, level) }
    },
  }),
  tool({
    name: 'figures',
    description:
      'The figures of a stage around a step: values as they were stored, and of each figure what is declared of it: what it means, when it misleads, its unit, and which figure is its null, scatter, bound or interval. Null is not known.',
    options: {
      run,
      stage: string({ description: 'the stage, as list_runs names it', required: true }),
      scope: string({
        description: 'the scope, as in `tensor:dense.weight`',
        default: 'model',
      }),
      step: integer({ description: 'the step to look around; default: the last', min: 0 }),
      count: integer({
        description: 'most summaries, those nearest to the step',
        min: 1,
        max: 32,
        default: 5,
      }),
      figures: list(string({ description: 'name of a figure' }), {
        description: 'which figures; default: all',
      }),
    },
    async answer(stored, { run, ...wanted }) {
      const found = await figuresAround(summariesOfRun(stored, run), stored.specs, wanted)
      return { run, stage: wanted.stage, scope: wanted.scope, ...found }
    },
  }),
  tool({
    name: 'alerts',
    description:
      'The alerts of a run, each once with its level, how often it came and the step at which it came last; what is grave first.',
    options: { run, level },
    async answer(stored, { run, level }) {
      const { alerts } = await gistOfRun(stored, run)
      return { run, ...gravest('alerts', alerts, level) }
    },
  }),
]

/** Keeps the types of the options while a tool is defined. */
function tool<const F extends Fields>(definition: Tool<F>): Tool {
  return definition as unknown as Tool
}

async function gistOfRun(stored: Stored, run: string): Promise<Gist> {
  const overview = new Overview(run)
  for await (const summary of summariesOfRun(stored, run)) overview.addSummary(summary)
  return gistOf(overview, stored.specs)
}

/** Items of at least this level. They are sorted by level already. */
function gravest(
  name: string,
  items: readonly { readonly level: (typeof levels)[number] }[],
  least: (typeof levels)[number]
): object {
  const grave = items.filter((item) => levels.indexOf(item.level) >= levels.indexOf(least))
  return { [name]: grave.slice(0, mostEntries), inAll: grave.length }
}

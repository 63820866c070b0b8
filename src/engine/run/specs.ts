import { count, type Figures, scalar, verdict } from '../../spec/figures.ts'
import type { Sentence, SummarySpec } from '../../stage/define.ts'
import { counted } from '../../stage/words.ts'
import type { Summary, SummarySpecs } from '../summary.ts'

const runFigures = {
  end: verdict({
    title: 'End',
    means: 'How the run ended.',
    words: {
      closed: 'The trainer closed the run.',
      truncated: 'The stream ended before the run was closed; the summaries stand for what came.',
      failed: 'An error ended the run; what was computed before it stands.',
    },
  }),
  steps: count({
    title: 'Steps',
    means: 'Steps of member 0 that came with a delta.',
    unit: 'steps',
  }),
  recorded: count({
    title: 'Recorded steps',
    means:
      'Columns that the stages were given: steps that were selected, several summed where the pipeline says so.',
    unit: 'steps',
  }),
  blocks: count({ title: 'Blocks', means: 'Full blocks that the stages have taken.' }),
  frames: count({ title: 'Frames', means: 'Frames between `open` and `close`.' }),
  bytes: count({ title: 'Stream', means: 'Length of the run in the stream.', unit: 'bytes' }),
  parameters: count({ title: 'Parameters', means: 'Weights of the selected tensors.' }),
  tensors: count({ title: 'Tensors', means: 'Tensors that were selected.' }),
  members: count({ title: 'Members', means: 'Copies of the model that train side by side.' }),
  memory: count({
    title: 'Memory',
    means: 'What all shards reserved together when the run opened.',
    unit: 'bytes',
  }),
}

/** The figures and sentences of a run as a whole. */
export const runSpec: SummarySpec<typeof runFigures> = {
  type: 'run',
  summary: 'What came, and how it ended.',
  asks: 'What came, and how did it end?',
  figures: runFigures,
  says({ end, steps }) {
    const sentences: Record<typeof end, Sentence<'end'>> = {
      closed: { level: 'info', text: `The run ended after ${counted(steps, 'step')}.` },
      truncated: {
        level: 'warn',
        text: `The stream broke off after ${counted(steps, 'step')}; the figures stand for what came.`,
      },
      failed: {
        level: 'error',
        text: `An error ended the run after ${counted(steps, 'step')}; the figures stand for what came before it.`,
      },
    }
    return [{ ...sentences[end], figure: 'end' }]
  },
}

/** The trainer's own figures. The trainer chooses their names, so `any` describes each of them. */
export const metricsSpec: SummarySpec & { readonly any: ReturnType<typeof scalar> } = {
  type: 'metrics',
  summary: "The trainer's own figures, the last of each.",
  asks: 'What does the trainer say?',
  figures: {},
  any: scalar({ title: 'Metric', means: 'A figure that the trainer sent under this name.' }),
  says: () => [],
}

/**
 * The specs of each type of summary that a run with these settings makes: its figures and alerts.
 *
 * @example
 * ```ts
 * const { figures } = specsOf({ stages: [svd()] }).get('svd')!
 * ```
 */
export function specsOf({
  stages,
}: {
  readonly stages: readonly { readonly definition: SummarySpec }[]
}): SummarySpecs {
  const specs: SummarySpec[] = stages.map(({ definition }) => definition)
  specs.push(metricsSpec, runSpec as unknown as SummarySpec)
  return new Map(specs.map((spec) => [spec.type, spec]))
}

/** The figures that a summary may have: those that its type declares, or for the trainer's figures those that came. */
export function figuresOf({ type, values }: Summary, specs: SummarySpecs): Figures {
  if (type !== metricsSpec.type) return specs.get(type)?.figures ?? {}
  const names = Object.keys(values).filter((name) => name !== 'why')
  return Object.fromEntries(names.map((name) => [name, metricsSpec.any]))
}

// A run with a stage that has a figure of every kind, as its summaries, and names that strangers made.
import { specsOf } from '../../src/engine/run/specs.ts'
import type { AnalysedBlock, Summary } from '../../src/engine/summary.ts'
import type { Sink, SinkValue } from '../../src/pipeline/sink.ts'
import { parseOptions } from '../../src/spec/parse.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'

export const specs = specsOf({ stages: [everyKind] })
export const { type } = everyKind.definition

export function summary(step: number, more: Partial<Summary> = {}): Summary {
  const place = { run: 'r', stage: type, type, scope: 'model', member: 0, step, epoch: step / 10 }
  const values = everyValue
  return { schema: 'thalweg.summary/1', ...place, frames: 2 * step, values, alerts: [], ...more }
}

export const metricsAt = (step: number, values: Record<string, number>, member = 0): Summary =>
  summary(step, { stage: 'metrics', type: 'metrics', values, member })

export function endAt(step: number, run = 'r'): Summary {
  const counts = { steps: step, recorded: step, blocks: 3, frames: 2 * step, bytes: 1000 }
  const model = { parameters: 10, tensors: 2, members: 1, memory: 4096 }
  const values = { end: 'closed', ...counts, ...model }
  const environment = { wallSeconds: 1.5, build: 'abc' }
  return summary(step, { run, stage: 'run', type: 'run', values, environment })
}

export function blockOf(...summaries: Summary[]): AnalysedBlock {
  const steps = summaries.map(({ step }) => step)
  const final = summaries.at(-1)!.type === 'run'
  const run = summaries[0]!.run
  return { run, from: Math.min(...steps), to: Math.max(...steps), final, summaries, columns: [] }
}

export const hostile = '=1+1\x1b[31m"><script>alert(1)</script>\u202e,\n| `x` {} \\'

/** Three blocks and an end: values that are there, values that are not, a tensor of its own, hostile names. */
export const blocks: readonly AnalysedBlock[] = [
  blockOf(
    summary(10, {
      values: { ...everyValue, ratio: Number.NaN, values: null, modes: null, why: 'too early' },
      alerts: [{ id: `${type}/seen`, level: 'warn', message: 'here it is' }],
    }),
    metricsAt(10, { loss: 2.5, 'val/acc': Number.NaN })
  ),
  blockOf(
    summary(20),
    summary(20, { scope: `tensor:${hostile}` }),
    metricsAt(20, { loss: 1.25, [hostile]: 3 })
  ),
  blockOf(summary(30), metricsAt(30, { loss: 0.5 }), endAt(30)),
]

/** Opens a sink with its options parsed. */
export async function opened<O>(sink: (options?: O) => SinkValue, options: O): Promise<Sink> {
  const { definition } = sink()
  const { value, problems } = parseOptions(definition.options, options)
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
  return definition.open(value as never, { specs })
}

/** Gives all blocks to a sink and closes it. */
export async function sunk<O>(
  sink: (options?: O) => SinkValue,
  options: O,
  given: readonly AnalysedBlock[] = blocks
): Promise<void> {
  const open = await opened(sink, options)
  for (const block of given) await open.write(block)
  await open.close()
}

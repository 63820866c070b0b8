import { specsOf } from '../engine/run/specs.ts'
import type { AnalysedBlock, Summary } from '../engine/summary.ts'
import type { Sink, SinkLength, SinkValue } from '../pipeline/sink.ts'
import { parseOptions } from '../spec/parse.ts'
import { type Check, expect, isSentence, runChecks } from './check.ts'
import { everyKind, everyValue } from './every-kind.ts'

/** How a sink is checked. */
export interface SinkChecks<Options> {
  readonly options: Options
  /** Everything that the sink has written so far, if that can be read. */
  read?(): Promise<Uint8Array>
}

const specs = specsOf({ stages: [everyKind] })

/**
 * Checks everything that is required of a sink: that it is described, and that it accepts figures of every kind, figures of stages
 * that it does not know, unknown values, and names from outside. If its output can be read: that it writes the same output each
 * time, and continues after a break at the length that it returned.
 *
 * @returns the names of the checks that passed
 * @throws an Error that names every check that failed, with its reason
 *
 * @example
 * ```ts
 * await checkSink(mySink, { options: { path }, read: async () => readFileSync(path) })
 * ```
 */
export async function checkSink<Options>(
  sink: (options?: Options) => SinkValue,
  { options, read }: SinkChecks<Options>
): Promise<string[]> {
  const { definition } = sink()
  const parsed = parseOptions(definition.options, options)
  const open = async (length?: SinkLength): Promise<Sink> =>
    definition.open(parsed.value as never, { specs, length })
  const write = async (blocks: readonly AnalysedBlock[]): Promise<void> => {
    const opened = await open()
    for (const block of blocks) await opened.write(block)
    await opened.close()
  }
  const readable: Check[] =
    read === undefined
      ? []
      : [
          {
            name: 'writes the same each time',
            async run() {
              await write(blocks)
              const first = await read()
              await write(blocks)
              expect(first.length > 0, 'nothing was written')
              expect(isSame(await read(), first), 'other bytes came the second time')
            },
          },
          {
            name: 'goes on at the length that it gave',
            run: () => goesOn(open, read),
          },
        ]
  return runChecks(`sink ${definition.type}`, [
    {
      name: 'is described, and takes its options',
      run() {
        expect(isSentence(definition.summary), `summary is not a sentence: ${definition.summary}`)
        const texts = parsed.problems.map(({ message }) => message)
        expect(texts.length === 0, texts.join('; '))
      },
    },
    { name: 'takes figures of every kind', run: () => write(blocks) },
    { name: 'takes a stage that it does not know', run: () => write([blockOf([foreign], true)]) },
    { name: 'takes names from strangers', run: () => write([blockOf([hostile], true)]) },
    { name: 'takes a run without summaries', run: () => write([]) },
    ...readable,
  ])
}

async function goesOn(
  open: (length?: SinkLength) => Promise<Sink>,
  read: () => Promise<Uint8Array>
): Promise<void> {
  const whole = await open()
  for (const block of blocks) await whole.write(block)
  await whole.close()
  const expected = await read()
  const first = await open()
  if (!first.length) return
  await first.write(blocks[0]!)
  const length = await first.length()
  // This is written after the length was taken, so it must be cut off.
  await first.write(blocks[1]!)
  await first.close()
  const second = await open(length)
  for (const block of blocks.slice(1)) await second.write(block)
  await second.close()
  expect(isSame(await read(), expected), 'other bytes came than without the break')
}

const { type } = everyKind.definition

function summaryAt(step: number, more: Partial<Summary> = {}): Summary {
  return {
    schema: 'thalweg.summary/1',
    run: 'check',
    stage: type,
    type,
    scope: 'model',
    member: 0,
    step,
    epoch: step / 10,
    frames: 2 * step,
    values: everyValue,
    alerts: [{ id: `${type}/seen`, level: 'warn', message: 'here it is' }],
    ...more,
  }
}

function blockOf(summaries: readonly Summary[], final: boolean): AnalysedBlock {
  const steps = summaries.map(({ step }) => step)
  const [from, to] = [Math.min(...steps), Math.max(...steps)]
  return { run: 'check', from, to, final, summaries, columns: [] }
}

const nothing = { ...everyValue, ratio: Number.NaN, values: null, modes: null, why: 'too early' }
const metrics = { stage: 'metrics', type: 'metrics', values: { loss: 0.5, why: 'acc is NaN' } }
const end = {
  end: 'closed',
  steps: 30,
  recorded: 30,
  blocks: 3,
  frames: 31,
  bytes: 1000,
  parameters: 10,
  tensors: 2,
  members: 1,
  memory: 4096,
}

const blocks = [
  blockOf([summaryAt(10, { values: nothing })], false),
  blockOf([summaryAt(20), summaryAt(20, { scope: 'tensor:a.b' }), summaryAt(20, metrics)], false),
  blockOf(
    [summaryAt(30), summaryAt(30, { stage: 'run', type: 'run', values: end, alerts: [] })],
    true
  ),
]

const foreign = summaryAt(5, { stage: 'mine', type: 'not-known', values: { turns: 3, list: [1] } })

const hostile = summaryAt(5, {
  run: '\x1b[31m"><script>alert(1)</script>\u202e=1+1',
  scope: 'tensor:\r\n\x07=1+1|`x`',
  alerts: [{ id: `${type}/seen`, level: 'warn', message: '\x1b]0;x\x07 </pre> \u2066' }],
})

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

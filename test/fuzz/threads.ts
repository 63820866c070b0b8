import * as assert from 'uvu/assert'
import { type Summary, summaryLine } from '../../src/engine/summary.ts'
import { ThalwegError } from '../../src/error.ts'
import { workerThreads } from '../../src/node/threads/threads.ts'
import { runPipeline } from '../../src/pipeline/run-pipeline.ts'
import { defineSink } from '../../src/pipeline/sink.ts'
import { defineSource } from '../../src/pipeline/source.ts'
import type { Analysed } from './engine.ts'
import type { Input } from './oracles.ts'

/** Threads give the same lines as one thread. */
export async function inThreads(
  { stream, settings, random }: Input,
  whole: Analysed
): Promise<void> {
  const lines: string[] = []
  const bytes = defineSource({
    type: 'bytes',
    summary: 'These bytes.',
    options: {},
    async *open() {
      yield stream.slice()
    },
  })
  const kept = defineSink({
    type: 'kept',
    summary: 'Keeps lines.',
    options: {},
    open: () => ({
      write({ summaries }) {
        for (const { environment: _, ...summary } of summaries) {
          lines.push(summaryLine(summary as Summary).replace(/"memory":\d+/, '"memory":0'))
        }
      },
      close() {},
    }),
  })
  const pipeline = {
    settings: { ...settings, shards: random.between(2, 3) },
    source: bytes(),
    sinks: [kept()],
    threads: true,
  }
  let end: string | undefined
  try {
    await runPipeline(pipeline, { threads: workerThreads })
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    end = `${error.code} ${error.message}`
  }
  assert.equal(lines, whole.lines, 'threads')
  if (end !== undefined && stream.length > 0) assert.is(end, whole.end, 'threads')
}

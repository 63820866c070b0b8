import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnalysedBlock } from '../../src/engine/summary.ts'
import { ThalwegError } from '../../src/error.ts'
import { CreditGate } from '../../src/pipeline/credit-gate.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import { runPipeline } from '../../src/pipeline/run-pipeline.ts'
import { defineSink, type Sink, type SinkValue } from '../../src/pipeline/sink.ts'
import { defineSource } from '../../src/pipeline/source.ts'
import { walk } from '../support/stream.ts'

const run = suite('running a pipeline')

/** A source that counts what was pulled from it. */
function sourceOf(chunks: Iterable<Uint8Array>) {
  const pulled = { chunks: 0, ended: false }
  const source = defineSource({
    type: 'test',
    summary: 'A source for this test.',
    options: {},
    async *open() {
      try {
        for (const chunk of chunks) {
          pulled.chunks++
          yield chunk
        }
      } finally {
        pulled.ended = true
      }
    },
  })
  return { pulled, source: source() }
}

/** A sink that remembers what it was given. */
function sinkOf(write: (block: AnalysedBlock, count: number) => void | Promise<void> = () => {}) {
  const seen = { blocks: [] as AnalysedBlock[], closed: 0 }
  const open = (): Sink => ({
    write(block) {
      seen.blocks.push(block)
      return write(block, seen.blocks.length)
    },
    close() {
      seen.closed++
    },
  })
  const sink = defineSink({ type: 'test', summary: 'A sink for this test.', options: {}, open })
  return { seen, sink: sink() }
}

const { settings } = parsePipeline(
  { block: 1, emit: { every: 1 } },
  { stages: [], sources: [], sinks: [] }
)

const failing = (error: Error) => () => Promise.reject(error)

run('waits for a slow sink instead of filling memory', async () => {
  const waiting: (() => void)[] = []
  const slow = sinkOf(() => new Promise<void>((resolve) => waiting.push(resolve)))
  const { pulled, source } = sourceOf(walk({ steps: 200 }))
  const ended = runPipeline({ settings, source, sinks: [slow.sink] })
  await wait(100)
  const { chunks } = pulled
  assert.is(waiting.length, 8)
  assert.ok(chunks < 15, `${chunks} chunks pulled`)
  waiting.shift()!()
  await wait(20)
  assert.is(waiting.length, 8)
  const release = setInterval(() => {
    for (const resolve of waiting.splice(0)) resolve()
  })
  await ended
  clearInterval(release)
  assert.is(slow.seen.blocks.length, 201)
  assert.is(slow.seen.closed, 1)
})

run('lets slow sinks share the credits and give each every block', async () => {
  const first = sinkOf(() => wait(1))
  const second = sinkOf()
  const { source } = sourceOf(walk({ steps: 30 }))
  await runPipeline({ settings, source, sinks: [first.sink, second.sink] })
  assert.equal(first.seen.blocks, second.seen.blocks)
  assert.is(first.seen.blocks.length, 31)
})

run('stops the source when a sink fails, and gives the others the end', async () => {
  const broken = sinkOf((_, count) => {
    if (count === 3) throw new ThalwegError('E_OUTPUT', 'the disk is full')
  })
  const whole = sinkOf()
  const { pulled, source } = sourceOf(walk({ steps: 500 }))
  await rejects(runPipeline({ settings, source, sinks: [broken.sink, whole.sink] }), 'E_OUTPUT')
  assert.ok(pulled.chunks < 30, `${pulled.chunks} chunks pulled`)
  assert.is(broken.seen.blocks.length, 3)
  assert.is(broken.seen.closed, 1)
  assert.ok(whole.seen.blocks.at(-1)!.final)
  assert.is(whole.seen.closed, 1)
})

run('closes the sinks that are open when another cannot be opened', async () => {
  const fine = sinkOf()
  const open = failing(new ThalwegError('E_OUTPUT', 'no such directory'))
  const bad: SinkValue = defineSink({ type: 'bad', summary: 'Bad.', options: {}, open })()
  const { pulled, source } = sourceOf(walk({ steps: 5 }))
  await rejects(runPipeline({ settings, source, sinks: [fine.sink, bad] }), 'E_OUTPUT')
  assert.is(fine.seen.closed, 1)
  assert.is(pulled.chunks, 0)
})

run('closes its sinks after an error in the data, with what came before it', async () => {
  const { seen, sink } = sinkOf()
  const chunks = [...walk({ steps: 10, close: false }), new TextEncoder().encode('oops\n')]
  const { pulled, source } = sourceOf(chunks)
  await rejects(runPipeline({ settings, source, sinks: [sink] }), 'E_STRAY_TEXT')
  assert.is(seen.closed, 1)
  const last = seen.blocks.at(-1)!
  assert.ok(last.final)
  assert.is(last.summaries.at(-1)!.values.end, 'failed')
  assert.ok(pulled.ended)
})

run('ends at the signal though its source is silent for ever', async () => {
  const { seen, sink } = sinkOf()
  const silent = defineSource({
    type: 'silent',
    summary: 'Says a little, then nothing.',
    options: {},
    async *open() {
      yield* walk({ steps: 4, close: false })
      await new Promise(() => {})
    },
  })
  const controller = new AbortController()
  const ended = runPipeline(
    { settings, source: silent(), sinks: [sink] },
    { signal: controller.signal }
  )
  await wait(50)
  controller.abort()
  const { alerts } = await ended
  assert.is(alerts, 'warn')
  assert.is(seen.blocks.at(-1)!.summaries.at(-1)!.values.steps, 4)
})

run('puts the environment on the last summary of each run alone', async () => {
  const { seen, sink } = sinkOf()
  const { source } = sourceOf([...walk({ steps: 3 }), ...walk({ steps: 3 })])
  await runPipeline({ settings, source, sinks: [sink] }, { environment: { runtime: 'test 1' } })
  const summaries = seen.blocks.flatMap((block) => block.summaries)
  const marked = summaries.filter(({ environment }) => environment)
  assert.equal(
    marked.map(({ type, environment }) => [type, environment!.runtime]),
    [
      ['run', 'test 1'],
      ['run', 'test 1'],
    ]
  )
})

run('needs at least a byte', async () => {
  const { source } = sourceOf([])
  await rejects(runPipeline({ settings, source, sinks: [] }), 'E_INPUT')
})

run.run()

async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  )
  assert.is((error as ThalwegError | undefined)?.code, code)
}

const gate = suite('the credit gate')

gate('opens again only when a credit is back', async () => {
  const credits = new CreditGate(1)
  await credits.ready()
  credits.take()
  credits.take()
  let open = false
  const ready = credits.ready().then(() => {
    open = true
  })
  credits.give()
  await wait(1)
  assert.not(open)
  credits.give()
  await ready
})

gate.run()

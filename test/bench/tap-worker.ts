// Trains as `thalweg train` does, with and without its stream, whose bytes go to stdout; what it took goes to stderr, as JSON.
// Arguments: recipe, every, rounds.
import { setImmediate } from 'node:timers/promises'
import { loadBackend } from '../../src/node/train/backends.ts'
import { batches } from '../../src/node/train/batches.ts'
import { Member } from '../../src/node/train/member.ts'
import { trainFields } from '../../src/node/train/options.ts'
import { Random } from '../../src/node/train/random.ts'
import { recipes } from '../../src/node/train/recipes/index.ts'
import { streams } from '../../src/node/train/start.ts'
import { streamWriter } from '../../src/node/writer.ts'
import { parseOptions } from '../../src/spec/parse.ts'
import { WeightStream } from '../../src/tfjs/weight-stream.ts'
import type { Metrics } from '../../src/wire/frame.ts'
import { elementsOf } from '../../src/wire/open.ts'
import type { TapTimes } from './tap.ts'

const [name, every, rounds] = [process.argv[2], ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
]
const recipe = recipes.find((one) => one.name === name)!
const { tf, name: backend } = await loadBackend()
const settings = { hidden: 0, ...recipe.defaults, ...parseOptions(trainFields, {}).value }
const member = new Member(tf, recipe, settings)
const feed = batches(tf, recipe.data(), settings.batch, new Random(0, streams.batches))
const writer = streamWriter(process.stdout, 'stdout')
const stream = new WeightStream([member.weights], { every })
const bytes = 4 * member.weights.reduce((sum, { shape }) => sum + elementsOf(shape)!, 0)
const source = new Uint8Array(bytes).fill(1)
const target = new Uint8Array(bytes).fill(2)

async function send(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) await writer.write(chunk)
}

/** As many steps as one delta spans; the last one's metrics are read if it is recorded. */
async function steps(records: boolean): Promise<Metrics> {
  let metrics: Metrics = {}
  for (let i = 1; i <= every; i++) {
    metrics = await member.step(feed.next().value, records && i === every)
    await setImmediate()
  }
  return metrics
}

/** Milliseconds. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

await send(stream.open())
const times: TapTimes = { backend, bytes, alone: [], delta: [], plain: [] }
for (let round = 1; round <= rounds; round++) {
  times.alone.push(await timed(() => steps(false)))
  const metrics = [await steps(true)]
  times.delta.push(await timed(() => send(stream.record(round * every, { epoch: 0, metrics }))))
  await steps(false)
  times.plain.push(
    await timed(() => {
      target.set(source)
      return writer.write(target)
    })
  )
}
process.stderr.write(`${JSON.stringify(times)}\n`)

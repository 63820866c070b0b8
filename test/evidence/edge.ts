// Posts a stream to the handler piece by piece, for as long as one instance lives and with a new one for every piece,
// and prints the bytes that move to and from the store for each byte posted. The last summary must be the engine's.
//
//   node --import tsx test/evidence/edge.ts [stream] [pipeline]
//
// Without a stream: 300 steps of a training with the shape of a 784-128-10 network.
import { readFileSync } from 'node:fs'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { frameWriter } from '../../src/wire/writer.ts'
import { counted, cut, edge, engineLines, post } from '../edge/support.ts'

const MiB = 2 ** 20
const [file, pipelineFile = 'pipelines/default.json'] = process.argv.slice(2)
const stream = file === undefined ? walk(300) : readFileSync(file)
const { source: _, sinks: __, ...pipeline } = JSON.parse(readFileSync(pipelineFile, 'utf8'))
const expected = engineLines(stream, pipeline).at(-1)
console.log(`${(stream.length / MiB).toFixed(0)} MiB, ${pipelineFile}`)

for (const [instances, sizes] of [
  ['one instance', [0.25, 1, 16]],
  ['a new instance for each piece', [8, 16, 32, 64]],
] as const) {
  for (const size of sizes) {
    const store = counted(memoryStore())
    const places: number[] = []
    for (let at = size * MiB; at < stream.length; at += size * MiB) places.push(at)
    const pieces = cut(stream, places)
    let fetch = edge(store, {}, pipeline)
    let last = ''
    for (const [n, bytes] of pieces.entries()) {
      if (instances !== 'one instance') fetch = edge(store, {}, pipeline)
      const { status, text } = await post(fetch, 'a', n, bytes)
      if (status !== 200) throw new Error(text)
      if (text !== '') last = text.trimEnd().split('\n').at(-1)!
    }
    const ratio = (store.moved / stream.length).toFixed(2)
    console.log(
      `${instances}, pieces of ${size} MiB: ${ratio} bytes moved for each byte posted ` +
        `(${(store.in / stream.length).toFixed(2)} in, ${(store.out / stream.length).toFixed(2)} out), ` +
        `last summary ${last === expected ? 'equal' : 'DIFFERENT'}`
    )
    if (last !== expected) process.exitCode = 1
  }
}

function walk(steps: number): Uint8Array {
  const shapes = { 'dense1.kernel': [784, 128], 'dense1.bias': [128], 'dense2.kernel': [128, 10] }
  const tensors = Object.entries({ ...shapes, 'dense2.bias': [10] }).map(
    ([name, shape]) => ({ name, shape, dtype: 'f32' }) as const
  )
  const writer = frameWriter({ run: 'walk', tensors })
  let state = 1
  const random = () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5
    return ((state >>> 8) / 2 ** 24 - 0.5) / 100
  }
  const values = (scale: number) =>
    tensors.map(({ shape }) =>
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * random())
    )
  const chunks = [...writer.open(), ...writer.anchor({ step: 0, data: values(1) })]
  for (let step = 1; step <= steps; step++) {
    chunks.push(...writer.delta({ step, base: step - 1, data: values(1 / step) }))
  }
  return Buffer.concat([...chunks, ...writer.close()])
}

import { setTimeout as wait } from 'node:timers/promises'
import { frame, openFrame, stream } from '../../support/stream.ts'

type Post = (sequence: number, body: Body, headers?: Record<string, string>) => Promise<number>
type Body = Uint8Array | ReadableStream<Uint8Array>

const walk = stream({ steps: 30, rows: 2000 })
const tensors = (count: number, shape: number[]) =>
  Array.from({ length: count }, (_, i) => ({ name: `layer.${i}.gain`, shape, dtype: 'f32' }))
const opened = (count: number, shape: number[]) =>
  frame('open', { version: 1, run: 'r', tensors: tensors(count, shape) })

/** What is no stream, or a model that is too large, or costs as much as it can. */
const hostile = [
  opened(65_536, []),
  opened(8192, [2 ** 20]),
  opened(8192, []),
  opened(8000, [2 ** 30]),
  Buffer.from('Epoch 1/10\n'),
  Buffer.concat([openFrame(), Uint8Array.of(0xdd, 255, 255, 255, 255)]),
  Buffer.concat([openFrame(), new Uint8Array(100_000).fill(0x91)]),
  Buffer.concat([openFrame(), new Uint8Array(2 ** 20).fill(0xc1)]),
]

/** Attacks without end. */
export async function attack(url: string): Promise<void> {
  const client = (name: string): Post => {
    return async (sequence, body, headers = {}) => {
      const init = {
        method: 'POST',
        body,
        duplex: 'half',
        headers: {
          'Content-Type': 'application/x-thalweg',
          'Thalweg-Sequence': String(sequence),
          Authorization: `Bearer ${name}`,
          ...headers,
        },
      }
      try {
        const response = await fetch(`${url}/runs/${name}/frames`, init as RequestInit)
        await response.arrayBuffer()
        return response.status
      } catch {
        return 0
      }
    }
  }
  const kinds: [number, (post: Post, turn: number) => Promise<unknown>][] = [
    [8, (post, turn) => post(0, stalling(turn % 2 ? 10 : 2 ** 20))],
    [8, (post, turn) => post(turn, hostile[turn % hostile.length]!)],
    [8, (post) => post(0, walk)],
    [4, (post) => post(0, endless())],
    [4, mixing],
  ]
  await Promise.all(
    kinds.flatMap(([count, act], k) =>
      Array.from({ length: count }, async (_, i) => {
        const post = client(`k${k}-${i}`)
        for (let turn = 0; ; turn++) {
          await act(post, turn)
          await wait(1)
        }
      })
    )
  )
}

/** Two streams of one run, each with pieces of its own. */
async function mixing(post: Post, turn: number): Promise<void> {
  const join = { 'Thalweg-Join': `s${turn % 2}` }
  const cut = walk.length >> 1
  await Promise.all([
    post(turn, walk.subarray(0, cut), join),
    post(turn, walk.subarray(cut)),
    post(turn + 1, walk.subarray(cut)),
  ])
}

/** A body that gives so many bytes and then nothing more for a while. */
function stalling(bytes: number): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(bytes).fill(0x81)),
    async pull(controller) {
      await wait(5000)
      controller.close()
    },
  })
}

/** A frame that never ends. */
function endless(): ReadableStream<Uint8Array> {
  const begun = frame('delta', { step: 1, data: [new Uint8Array(0)] }).slice(0, -2)
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(openFrame()))
      controller.enqueue(new Uint8Array(Buffer.concat([begun, Uint8Array.of(0xc6, 1, 0, 0, 0)])))
    },
    async pull(controller) {
      await wait(1)
      controller.enqueue(new Uint8Array(2 ** 16))
    },
  })
}

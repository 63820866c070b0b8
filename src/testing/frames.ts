import type { Tensor } from '../wire/frame.ts'
import { joined } from '../wire/joined.ts'
import { type FrameWriter, frameWriter } from '../wire/writer.ts'

/** The properties of a stream for checks. */
export interface CheckStream {
  readonly tensors: readonly Omit<Tensor, 'elements'>[]
  readonly members: number
  readonly steps: number
  /** The step at which one value of each member's delta is NaN. */
  readonly nonFiniteAt?: number
}

/** Tensors that fill several tiles, one tile, a part of a tile, a single row, and no row. */
export const checkTensors: CheckStream['tensors'] = [
  { name: 'a.kernel', shape: [40, 30], dtype: 'f32' },
  { name: 'a.bias', shape: [40], dtype: 'f32' },
  { name: 'b.kernel', shape: [16, 3, 4, 4], dtype: 'bf16' },
  { name: 'scale', shape: [], dtype: 'f32' },
  { name: 'empty', shape: [0], dtype: 'f32' },
  { name: 'frozen', shape: [7], dtype: 'f32', trainable: false },
]

/**
 * A run as bytes, the same at each call. It has a slow drift, a few shared directions and noise; anchors at the start and in the
 * middle, a tangent vector, metrics and a learning rate; a missing step, a step that comes twice, and a step without movement.
 *
 * @example
 * ```ts
 * const stream = checkStream({ tensors: checkTensors, members: 1, steps: 40 })
 * ```
 */
export function checkStream({ tensors, members, steps, nonFiniteAt }: CheckStream): Uint8Array {
  const writer = frameWriter({
    run: 'check',
    tensors,
    members,
    coupled: true,
    meta: { optimizer: 'sgd', learningRate: 0.1, batchSize: 16 },
  })
  const sizes = tensors.map(({ shape }) => shape.reduce((product, n) => product * n, 1))
  const weights = Array.from({ length: members }, (_, m) =>
    sizes.map((size, t) => {
      const next = generator(100 + t)
      const noise = generator(200 + 10 * m + t)
      return Float64Array.from({ length: size }, () => next() + 1e-4 * Math.min(m, 1) * noise())
    })
  )
  const chunks: Uint8Array[] = [...writer.open()]
  const anchors = (step: number): void => {
    weights.forEach((own, member) => {
      chunks.push(...writer.anchor({ step, member, data: own }))
    })
  }
  anchors(0)
  for (let step = 1; step <= steps; step++) {
    if (step === 11) continue
    chunks.push(...deltasAt(step, writer, weights, nonFiniteAt === step))
    if (step === 20) anchors(step)
  }
  chunks.push(...writer.close())
  return joined(chunks)
}

function deltasAt(
  step: number,
  writer: FrameWriter,
  weights: readonly (readonly Float64Array[])[],
  isBad: boolean
): Uint8Array[] {
  const base = step === 12 ? 10 : step - 1
  return weights.flatMap((own, member) => {
    const data = own.map((tensor, t) => {
      const noise = generator(1000 * step + t)
      const wave = [8, 13, 21].map((period) => ((step % period) / period - 0.5) / period)
      return tensor.map((weight, i) => {
        if (step === 15) return 0
        const move = 0.02 * wave[i % 3]! + 0.001 * noise() - 0.002 * weight
        tensor[i] = weight + Math.fround(move)
        return move
      })
    })
    if (isBad) data[0]![3] = Number.NaN
    const frame = { step, member, base, epoch: step / 8, data }
    const metrics = { loss: 1 / step, learningRate: step < 24 ? 0.1 : 0.05 }
    const tangent = member === 0 ? writer.tangent({ step, index: 0, data }) : []
    const twice = step === 18 ? writer.delta(frame) : []
    return [...tangent, ...writer.delta({ ...frame, metrics }), ...twice].map((chunk) =>
      chunk.slice()
    )
  })
}

/** A seeded generator of numbers in [-1, 1), by xorshift. */
function generator(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) + 1) >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 31 - 1
  }
}

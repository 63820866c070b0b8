import { frameWriter } from 'thalweg'
import { joined } from './streams.ts'

const elements = 100_000

/** A run of more weights than a sketch has rows, and a twin that parts from it by a quarter a step. */
export function large(steps: number): Uint8Array {
  const tensors = [{ name: 'w', shape: [elements], dtype: 'f32' as const }]
  const writer = frameWriter({ run: 'large', tensors, members: 2, coupled: true })
  const values = (seed: number, scale: number) =>
    Float32Array.from(
      { length: elements },
      (_, i) => ((Math.imul(i ^ seed, 0x9e3779b1) >> 8) / 2 ** 23) * scale
    )
  const plus = (a: Float32Array, b: Float32Array, factor: number) =>
    a.map((value, i) => value + factor * b[i]!)
  const apart = values(1, 1e-3)
  const weights = values(2, 1)
  const chunks = [
    ...writer.open(),
    ...writer.anchor({ step: 0, data: [weights] }),
    ...writer.anchor({ step: 0, member: 1, data: [plus(weights, apart, 1)] }),
  ]
  let size = 1
  for (let step = 1; step <= steps; step++) {
    const delta = values(2 + step, 1e-2 / step)
    const growth = 0.25 * size
    size += growth
    chunks.push(...writer.delta({ step, data: [delta] }))
    chunks.push(...writer.delta({ step, member: 1, data: [plus(delta, apart, growth)] }))
  }
  return joined([...chunks, ...writer.close()])
}

import { frameWriter } from 'thalweg'
import { joined } from './streams.ts'

/**
 * The Hénon map, x' = 1 - 1.4 x² + y, y' = 0.3 x, as a run in f64: two tangent vectors, re-orthonormalised in each step, and
 * a twin. Exponents 0.41922 and ln 0.3 less that.
 */
export function henon(steps: number): Uint8Array {
  const tensors = [{ name: 'w', shape: [2], dtype: 'f64' as const }]
  const writer = frameWriter({ run: 'henon', tensors, members: 2, coupled: true })
  const chunks = [...writer.open()]
  const orbits = [Float64Array.of(0.1, 0.1), Float64Array.of(0.1 + 1e-9, 0.1)]
  orbits.forEach((w, member) => {
    chunks.push(...writer.anchor({ step: 0, member, data: [w.slice()] }))
  })
  let [q1, q2] = [Float64Array.of(1, 0), Float64Array.of(0, 1)]
  for (let step = 1; step <= steps; step++) {
    const [u, v] = [q1, q2].map((q) => {
      return Float64Array.of(-2.8 * orbits[0]![0]! * q[0]! + q[1]!, 0.3 * q[0]!)
    }) as [Float64Array, Float64Array]
    const r11 = Math.sqrt(dot(u, u))
    q1 = u.map((x) => x / r11)
    const r12 = dot(q1, v)
    const rest = v.map((x, i) => x - r12 * q1[i]!)
    const r22 = Math.sqrt(dot(rest, rest))
    q2 = rest.map((x) => x / r22)
    const reset = Float64Array.of(r11, r12, 0, r22)
    chunks.push(...writer.tangent({ step, index: 0, reset, data: [q1] }))
    chunks.push(...writer.tangent({ step, index: 1, data: [q2] }))
    orbits.forEach((w, member) => {
      const [x, y] = w as unknown as [number, number]
      const next = Float64Array.of(1 - 1.4 * x * x + y, 0.3 * x)
      chunks.push(...writer.delta({ step, member, data: [next.map((value, i) => value - w[i]!)] }))
      w.set(next)
    })
  }
  return joined([...chunks, ...writer.close()])
}

const dot = (a: Float64Array, b: Float64Array): number => a[0]! * b[0]! + a[1]! * b[1]!

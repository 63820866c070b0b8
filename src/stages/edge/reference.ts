import { activate, activations, slopeOf } from './activation.ts'
import type { EdgeKernels } from './kernels.gen.ts'

/** `assembly/edge.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): EdgeKernels {
  const column = (at: number, n: number, bytes: number): Float64Array | Float32Array =>
    bytes === 8 ? new Float64Array(buffer, at, n) : new Float32Array(buffer, at, n)
  return {
    edge_lags: ({ x, stride, count, elementBytes, n, out }) => {
      const products = new Float64Array(buffer, out, 3 * count).fill(0)
      for (let j = 0; j < count; j++) {
        const own = column(x + j * stride, n, elementBytes)
        for (let lag = 0; lag <= Math.min(j, 2); lag++) {
          const other = column(x + (j - lag) * stride, n, elementBytes)
          let sum = 0
          for (let i = 0; i < n; i++) sum += own[i]! * other[i]!
          products[3 * j + lag] = sum
        }
      }
    },
    edge_activate: ({ x, n, kind, slopes }) => {
      const values = new Float64Array(buffer, x, n)
      const name = activations[kind]!
      if (slopes !== 0) new Float64Array(buffer, slopes, n).set(values.map(slopeOf[name]))
      values.set(values.map(activate[name]))
    },
  }
}

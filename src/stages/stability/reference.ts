import { log, mix, sinCos } from '../../stage/index.ts'
import type { StabilityKernels } from './kernels.gen.ts'

/** `assembly/stability.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): StabilityKernels {
  return {
    stability_noise: ({ y, rows, columns, long, seed }) => {
      const panels = 2 * Math.ceil(columns / 8)
      const out = new Float64Array(buffer, y, panels * long * 4)
      let squares = 0
      for (let j = 0; j < panels; j++) {
        const key = mix(seed ^ mix(j))
        for (let i = 0; i < long; i += 2) {
          for (let lane = 0; lane < 4; lane++) {
            const h = mix(key ^ mix(2 * i + lane))
            const radius = Math.sqrt(-2 * log((h + 0.5) * 2 ** -32))
            const [sin, cos] = sinCos(mix(h ^ 0x9e3779b9) * 1.4629180792671596e-9)
            for (const [k, normal] of [cos, sin].entries()) {
              const isThere = i + k < rows && 4 * j + lane < columns
              const value = isThere ? Math.fround(radius * normal) : 0
              out[(j * long + i + k) * 4 + lane] = value
              squares += value * value
            }
          }
        }
      }
      return squares
    },
  }
}

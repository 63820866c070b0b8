import { log, sinCos } from '../kernels/math.ts'
import { mix } from '../kernels/mix.ts'
import { pushTile } from '../kernels/sums.ts'
import { tileRows } from '../stage/scope.ts'
import type { EngineKernels, Moves } from './kernels.gen.ts'
import { rowOf, signOf } from './planning/fold.ts'

/** `assembly/engine.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): EngineKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const f64 = (p: number): number => memory.getFloat64(p, true)
  const setF32 = (p: number, value: number): void => memory.setFloat32(p, value, true)
  const setF64 = (p: number, value: number): void => memory.setFloat64(p, value, true)
  const element = (p: number, row: number, bytes: number): number =>
    bytes === 8 ? f64(p + 8 * row) : f32(p + 4 * row)
  const setElement = (p: number, row: number, bytes: number, value: number): void =>
    bytes === 8 ? setF64(p + 8 * row, value) : setF32(p + 4 * row, value)

  const each = (n: number, body: (i: number) => void): void => {
    for (let i = 0; i < n; i++) body(i)
  }
  const countOf = (n: number, is: (i: number) => boolean): number => {
    let total = 0
    each(n, (i) => {
      if (is(i)) total++
    })
    return total
  }
  const setPair = (high: number, low: number, row: number, value: number): void => {
    const rounded = Math.fround(value)
    setF32(high + 4 * row, rounded)
    setF32(low + 4 * row, value - rounded)
  }
  const moved = ({ table, count, elementBytes, sum }: Moves, row: number): number => {
    let total = sum === 0 ? 0 : f64(sum + 8 * row)
    each(count, (j) => {
      total += element(memory.getUint32(table + 4 * j, true), row, elementBytes)
    })
    return total
  }
  return {
    count_unusable_f32: ({ p, n }) => countOf(n, (i) => !(Math.abs(f32(p + 4 * i)) < 2 ** 100)),
    count_unusable_f64: ({ p, n }) => countOf(n, (i) => !(Math.abs(f64(p + 8 * i)) < 2 ** 100)),
    bf16_to_f32: ({ source, target, n }) =>
      each(n, (i) =>
        memory.setUint32(target + 4 * i, memory.getUint16(source + 2 * i, true) << 16, true)
      ),
    f16_to_f32: ({ source, target, n }) =>
      each(n, (i) => setF32(target + 4 * i, halfValue(memory.getUint16(source + 2 * i, true)))),
    f64_to_f32: ({ source, target, n }) =>
      each(n, (i) => setF32(target + 4 * i, f64(source + 8 * i))),
    f32_to_f64: ({ source, target, n }) =>
      each(n, (i) => setF64(target + 8 * i, f32(source + 4 * i))),
    fold: ({ x, elementBytes, n, target, run, at, seed }) =>
      each(n, (i) => {
        const sign = signOf(128 * run + at + i, seed)
        setF64(target + 8 * i, f64(target + 8 * i) + sign * element(x, i, elementBytes))
      }),
    fold_sparse: ({ indices, values, elementBytes, n, target, offset, from, to, seed }) =>
      each(n, (k) => {
        const place = offset + memory.getUint32(indices + 4 * k, true)
        const row = rowOf(place, seed)
        if (row < from || row >= to) return
        const p = target + 8 * (row - from)
        setF64(p, f64(p) + signOf(place, seed) * element(values, k, elementBytes))
      }),
    difference: ({ x, zero, n, elementBytes }) =>
      each(n, (i) => {
        const value = element(x, i, elementBytes) - element(zero, i, elementBytes)
        setElement(x, i, elementBytes, value)
      }),
    accumulate: ({ sum, x, n, elementBytes }) =>
      each(n, (i) => setF64(sum + 8 * i, f64(sum + 8 * i) + element(x, i, elementBytes))),
    settle: ({ sum, x, n, elementBytes }) =>
      each(n, (i) => {
        setElement(x, i, elementBytes, f64(sum + 8 * i))
        setF64(sum + 8 * i, 0)
      }),
    advance_positions: ({ high, low, x, stride, count, n, elementBytes }) =>
      each(n, (i) => {
        let position = f32(high + 4 * i) + f32(low + 4 * i)
        each(count, (j) => {
          position += element(x + j * stride, i, elementBytes)
        })
        setPair(high, low, i, position)
      }),
    weights_after: ({ weights, high, low, x, stride, count, n, elementBytes, out }) =>
      each(n, (i) => {
        let w = f32(high + 4 * i) + f32(low + 4 * i)
        if (weights !== 0) w += f32(weights + 4 * i)
        each(count, (j) => {
          w += element(x + j * stride, i, elementBytes)
        })
        setF64(out + 8 * i, w)
      }),
    advance_separation: ({ separation, x, stride, count, n, elementBytes }) =>
      each(n, (i) => {
        let sum = f64(separation + 8 * i)
        each(count, (j) => {
          sum += element(x + j * stride, i, elementBytes)
        })
        setF64(separation + 8 * i, sum)
      }),
    anchor_positions: ({ anchor, anchorBytes, known, weights, high, low, moves, ...rest }) => {
      const { tiles, index, sums } = rest
      let { depth } = sums
      each(tiles, (tile) => {
        const values = new Float64Array(3)
        for (let row = tile * tileRows; row < (tile + 1) * tileRows; row++) {
          const a = element(anchor, row, anchorBytes)
          const before = f32(high + 4 * row) + f32(low + 4 * row)
          const position = before + moved(moves, row)
          if (!known) setF32(weights + 4 * row, a - position)
          const drift = a - f32(weights + 4 * row) - position
          setPair(high, low, row, before + drift)
          if (!Number.isFinite(a)) values[0]!++
          values[1]! += drift * drift
          values[2]! += a * a
        }
        depth = pushTile(buffer, sums, depth, values, index + tile)
      })
      return depth
    },
    anchor_separation: ({ separation, anchor, zero, anchorBytes, moves, zeroSum, ...rest }) => {
      const { tiles, index, sums } = rest
      let { depth } = sums
      each(tiles, (tile) => {
        const values = new Float64Array(3)
        for (let row = tile * tileRows; row < (tile + 1) * tileRows; row++) {
          const own = moved(moves, row)
          const since = zeroSum === 0 ? own : own - f64(zeroSum + 8 * row)
          const apart = element(anchor, row, anchorBytes) - element(zero, row, anchorBytes)
          const before = f64(separation + 8 * row) + since
          setF64(separation + 8 * row, apart - since)
          values[1]! += (apart - before) ** 2
          values[2]! += before ** 2
        }
        depth = pushTile(buffer, sums, depth, values, index + tile)
      })
      return depth
    },
    null_tile: ({ x, stride, count, elementBytes, energy, commit, out, outStride, ...rest }) => {
      const { seed, tile, step, slot } = rest
      const sums = new Float64Array(buffer, slot, 1 + 2 * count).fill(0)
      const roots = new Float64Array(tileRows)
      each(tileRows, (r) => {
        let v = f64(energy + 8 * r)
        each(count, (j) => {
          const value = element(x + j * stride, r, elementBytes)
          sums[1 + 2 * j]! += value * value
          v += value * value
        })
        if (commit) setF64(energy + 8 * r, v)
        roots[r] = Math.sqrt(v)
      })
      each(count, (j) => {
        const key = mix(seed ^ mix(step + j))
        for (let r = 0; r < tileRows; r += 2) {
          const h = mix(key ^ mix(((tile * tileRows) >>> 0) + r) ^ (tile >>> 24))
          const radius = Math.sqrt(-2 * log((h + 0.5) * 2 ** -32))
          const [sin, cos] = sinCos(mix(h ^ 0x9e3779b9) * 1.4629180792671596e-9)
          const a = Math.fround(radius * cos * roots[r]!)
          const b = Math.fround(radius * sin * roots[r + 1]!)
          setF32(out + j * outStride + 4 * r, a)
          setF32(out + j * outStride + 4 * r + 4, b)
          sums[2 + 2 * j]! += a * a + b * b
        }
      })
    },
    scale_f32: ({ x, n, scale }) => each(n, (i) => setF32(x + 4 * i, f32(x + 4 * i) * scale)),
  }
}

function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 0x3ff
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

import { tileRows } from '../../engine/scope.ts'
import { pushTile } from '../../kernels/sums.ts'
import type { CmdKernels } from './kernels.ts'
import { noMode, openTile } from './state.ts'

/** `assembly/cmd.ts` in plain TypeScript, on the same addresses of a buffer; block sums are centred in two passes. */
export function cmdTwin(buffer: ArrayBuffer): CmdKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const element = (p: number, row: number, eb: number): number =>
    eb === 8 ? memory.getFloat64(p + 8 * row, true) : f32(p + 4 * row)
  const f64s = (p: number, length: number): Float64Array => new Float64Array(buffer, p, length)

  /** A row's positions after the sampled columns, and at those columns' places. */
  const positions = (
    [x, stride, eb, count, high, low, take]: readonly number[],
    row: number
  ): { at: number[]; u: number[] } => {
    const at: number[] = []
    const u: number[] = []
    let position = f32(high! + 4 * row) + f32(low! + 4 * row)
    for (let j = 0; j < count!; j++) {
      position += element(x! + j * stride!, row, eb!)
      if (memory.getUint8(take! + j) === 0) continue
      at.push(j)
      u.push(position)
    }
    return { at, u }
  }

  /** Takes a row's mean and E one piece further; returns the centred positions and d. */
  const advance = (
    u: readonly number[],
    piece: number,
    tile: ReturnType<typeof openTile>,
    row: number
  ): { centred: number[]; d: number } => {
    const [samples, w, f] = f64s(piece, 3) as unknown as [number, number, number]
    const origin = u[0]!
    const offset = u.reduce((sum, value) => sum + (value - origin), 0) / samples
    const d = origin + offset - tile.mean[row]!
    const centred = u.map((value) => value - origin - offset)
    tile.energy[row]! += centred.reduce((sum, value) => sum + value * value, 0) + w * d * d
    tile.mean[row]! += f * d
    return { centred, d }
  }

  const cross = (
    { at, centred, d }: { at: readonly number[]; centred: readonly number[]; d: number },
    rho: number,
    shift: number
  ): number => {
    const values = f64s(rho, (at.at(-1) ?? 0) + 1)
    return at.reduce((sum, j, i) => sum + centred[i]! * values[j]!, 0) + d * shift
  }

  return {
    cmd_moments_all: (x, stride, eb, count, high, low, take, piece, rho, width, modes, address) => {
      const tile = openTile(buffer, address, modes)
      const shifts = f64s(piece + 24, modes)
      for (let row = 0; row < tileRows; row++) {
        const { at, u } = positions([x, stride, eb, count, high, low, take], row)
        const moved = { at, ...advance(u, piece, tile, row) }
        for (let m = 0; m < modes; m++) {
          tile.candidates[m * tileRows + row]! += cross(moved, rho + 8 * m * width, shifts[m]!)
        }
      }
    },

    cmd_moments_own: (x, stride, eb, count, high, low, take, piece, rho, width, modes, address) => {
      const tile = openTile(buffer, address, modes)
      const shifts = f64s(piece + 24, modes)
      for (let row = 0; row < tileRows; row++) {
        const { at, u } = positions([x, stride, eb, count, high, low, take], row)
        const moved = { at, ...advance(u, piece, tile, row) }
        const mode = tile.mode[row]!
        if (mode === noMode) continue
        tile.cross[row]! += cross(moved, rho + 8 * mode * width, shifts[mode]!)
      }
    },

    cmd_choose: (scale, modes, address) => {
      const tile = openTile(buffer, address, modes)
      const scales = f64s(scale, modes)
      const chosen = new Float64Array(tileRows)
      for (let row = 0; row < tileRows; row++) {
        tile.mode[row] = noMode
        let best = 0
        for (let m = 0; m < modes; m++) {
          const candidate = tile.candidates[m * tileRows + row]!
          const score = Math.abs(candidate) * scales[m]!
          if (score <= best) continue
          best = score
          tile.mode[row] = m
          chosen[row] = candidate
        }
      }
      tile.cross.set(chosen)
    },

    cmd_measure: (address, scale, modes, limit, counts, index, from, stack, depth) => {
      const tile = openTile(buffer, address, modes)
      const scales = f64s(scale, modes)
      const groups = new Uint32Array(buffer, counts, modes + 2)
      const sums = new Float64Array(3 + modes)
      for (let row = 0; row < tileRows; row++) {
        const mode = tile.mode[row]!
        const energy = tile.energy[row]!
        sums[1]! += energy
        if (mode === noMode) {
          groups[energy === 0 ? modes + 1 : modes]!++
          sums[2]! += energy
          continue
        }
        const corr = (Math.abs(tile.cross[row]!) * scales[mode]!) / Math.sqrt(energy)
        if (!(corr <= limit)) sums[0]!++
        const clipped = Math.min(corr, 1)
        groups[mode]!++
        sums[2]! += energy * (1 - clipped * clipped)
        sums[3 + mode]! += clipped
      }
      return pushTile(buffer, stack, depth, sums, index, from)
    },

    cmd_distances: (matrix, k, width, distances) => {
      const rows = Array.from(
        { length: k },
        (_, i) => new Float32Array(buffer, matrix + 4 * i * width, width)
      )
      const out = f64s(distances, (k * (k - 1)) / 2)
      let at = 0
      for (let i = 0; i < k; i++) {
        for (let j = i + 1; j < k; j++) {
          let square = 0
          for (let c = 0; c < width; c++) square += Math.fround(rows[i]![c]! - rows[j]![c]!) ** 2
          out[at++] = Math.sqrt(square)
        }
      }
    },
  }
}

import { pushTile, tileRows } from '../../stage/index.ts'
import type { CmdKernels } from './kernels.gen.ts'
import { noMode, openTile } from './state.ts'

type Tile = ReturnType<typeof openTile>
type Moments = Parameters<CmdKernels['cmd_moments_own']>[0]

/** `assembly/cmd.ts` in plain TypeScript, on the same addresses of a buffer; block sums are centred in two passes. */
export function reference(buffer: ArrayBuffer): CmdKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const element = (p: number, row: number, bytes: number): number =>
    bytes === 8 ? memory.getFloat64(p + 8 * row, true) : f32(p + 4 * row)
  const f64s = (p: number, length: number): Float64Array => new Float64Array(buffer, p, length)

  /** A row's positions after those columns that have a weight, with these and the columns' places. */
  const positions = (
    { x, stride, elementBytes, high, low, piece: { count, weights } }: Moments,
    row: number
  ): { at: number[]; u: number[]; v: number[] } => {
    const at: number[] = []
    const u: number[] = []
    const v: number[] = []
    let position = f32(high + 4 * row) + f32(low + 4 * row)
    for (let j = 0; j < count; j++) {
      position += element(x + j * stride, row, elementBytes)
      const weight = memory.getFloat64(weights + 8 * j, true)
      if (weight === 0) continue
      at.push(j)
      u.push(position)
      v.push(weight)
    }
    return { at, u, v }
  }

  /** Takes a row's mean and E one piece further; returns what its C take from it. */
  const advance = (moments: Moments, tile: Tile, row: number) => {
    const { at, u, v } = positions(moments, row)
    const [total, w, f, phi] = f64s(moments.piece.table, 4) as unknown as [
      number,
      number,
      number,
      number,
    ]
    const origin = u[0]!
    const offset = u.reduce((sum, value, i) => sum + v[i]! * (value - origin), 0) / total
    const d = origin + offset - tile.mean[row]!
    const centred = u.map((value) => value - origin - offset)
    const fade = phi * tile.energy[row]! < 1e-280 ? 0 : phi
    const squares = centred.reduce((sum, value, i) => sum + v[i]! * value * value, 0)
    tile.energy[row] = fade * tile.energy[row]! + squares + w * d * d
    tile.mean[row]! += f * d
    return { at, centred, d, fade }
  }

  const cross = (
    { at, centred, d }: ReturnType<typeof advance>,
    rho: number,
    shift: number
  ): number => {
    const values = f64s(rho, (at.at(-1) ?? 0) + 1)
    return at.reduce((sum, j, i) => sum + centred[i]! * values[j]!, 0) + d * shift
  }

  /** |corr| E^1/2 with a mode. */
  const score = (c: number, scale: number, mode: number): number =>
    mode === noMode ? 0 : Math.abs(c) * memory.getFloat64(scale + 8 * mode, true)

  return {
    cmd_moments_all: (moments) => {
      const { modes } = moments
      const { table, rho, width } = moments.piece
      const tile = openTile(buffer, moments.tile, modes)
      const shifts = f64s(table + 32, modes)
      for (let row = 0; row < tileRows; row++) {
        const moved = advance(moments, tile, row)
        for (let m = 0; m < modes; m++) {
          const at = m * tileRows + row
          const faded = moved.fade * tile.candidates[at]!
          tile.candidates[at] = faded + cross(moved, rho + 8 * m * width, shifts[m]!)
        }
      }
    },

    cmd_moments_own: (moments) => {
      const { modes } = moments
      const { table, rho, width } = moments.piece
      const tile = openTile(buffer, moments.tile, modes)
      const shifts = f64s(table + 32, modes)
      for (let row = 0; row < tileRows; row++) {
        const moved = advance(moments, tile, row)
        const add = (c: Float64Array, mode: number): void => {
          c[row]! *= moved.fade
          if (mode < modes) c[row]! += cross(moved, rho + 8 * mode * width, shifts[mode]!)
        }
        add(tile.cross, tile.mode[row]!)
        add(tile.rivalCross, tile.rival[row]!)
      }
    },

    cmd_choose: ({ scale, modes, tile: address }) => {
      const tile = openTile(buffer, address, modes)
      const rows = Array.from({ length: tileRows }, (_, row) =>
        Array.from({ length: modes }, (_, mode) => {
          const c = tile.candidates[mode * tileRows + row]!
          return { mode, c, score: score(c, scale, mode) }
        })
          .filter((candidate) => candidate.score > 0)
          .sort((a, b) => b.score - a.score || a.mode - b.mode)
      )
      rows.forEach(([first, second], row) => {
        tile.mode[row] = first?.mode ?? noMode
        tile.rival[row] = second?.mode ?? noMode
        tile.cross[row] = first?.c ?? 0
        tile.rivalCross[row] = second?.c ?? 0
      })
    },

    cmd_check: ({ scale, modes, tile: address }) => {
      const tile = openTile(buffer, address, modes)
      for (let row = 0; row < tileRows; row++) {
        const mode = tile.mode[row]!
        const rival = tile.rival[row]!
        const own = score(tile.cross[row]!, scale, mode)
        const lead = score(tile.rivalCross[row]!, scale, rival) - own
        const leads = lead > 0.05 * Math.sqrt(tile.energy[row]!)
        tile.led[row] = leads ? tile.led[row]! + 1 : 0
        if (tile.led[row]! < 2) continue
        tile.led[row] = 0
        tile.mode[row] = rival
        tile.rival[row] = mode
        const c = tile.cross[row]!
        tile.cross[row] = tile.rivalCross[row]!
        tile.rivalCross[row] = c
        tile.exchanges[0]!++
      }
    },

    cmd_propose: ({ b, elementBytes, kept, references, scale, modes, tile: address }) => {
      const tile = openTile(buffer, address, modes)
      for (let row = 0; row < tileRows; row++) {
        const energy = tile.energy[row]!
        if (energy === 0) continue
        const candidates = Array.from({ length: modes }, (_, mode) => {
          const clock = f64s(references + 8 * mode * kept, kept)
          const c = clock.reduce(
            (sum, x, i) => sum + x * element(b + i * tileRows * elementBytes, row, elementBytes),
            0
          )
          return { mode, c, score: score(c, scale, mode) }
        })
        const cross = ({ c, score: own }: { c: number; score: number }): number =>
          (c * Math.min(own, Math.sqrt(energy))) / own
        const scoreOf = (mode: number): number => candidates[mode]?.score ?? 0
        const ranked = candidates
          .filter((candidate) => candidate.score > 0)
          .sort((p, q) => q.score - p.score || p.mode - q.mode)
        if (tile.mode[row] === noMode && ranked[0]) {
          tile.mode[row] = ranked[0].mode
          tile.cross[row] = cross(ranked[0])
          tile.rival[row] = noMode
        }
        const other = ranked.find(({ mode }) => mode !== tile.mode[row])
        const rival = tile.rival[row]!
        if (!other || other.mode === rival || tile.led[row] !== 0) continue
        const lead = other.score - scoreOf(rival)
        if (rival !== noMode && !(lead > 0.05 * Math.sqrt(energy))) continue
        tile.rival[row] = other.mode
        tile.rivalCross[row] = cross(other)
      }
    },

    cmd_measure: ({ tile: address, scale, modes, limit, counts, index, sums }) => {
      const tile = openTile(buffer, address, modes)
      const groups = new Uint32Array(buffer, counts, modes + 2)
      const values = new Float64Array(4 + modes)
      values[3] = tile.exchanges[0]!
      for (let row = 0; row < tileRows; row++) {
        const mode = tile.mode[row]!
        const energy = tile.energy[row]!
        values[1]! += energy
        if (energy === 0) {
          groups[modes + 1]!++
          continue
        }
        if (mode === noMode) {
          groups[modes]!++
          values[2]! += energy
          continue
        }
        const corr = score(tile.cross[row]!, scale, mode) / Math.sqrt(energy)
        if (!(corr <= limit)) values[0]!++
        const clipped = Math.min(corr, 1)
        groups[mode]!++
        values[2]! += energy * (1 - clipped * clipped)
        values[4 + mode]! += clipped
      }
      return pushTile(buffer, sums, sums.depth, values, index)
    },

    cmd_distances: ({ matrix, k, width, distances }) => {
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

import { log, mix, pushTile, sinCos, tileRows } from '../../stage/index.ts'
import type { CmdKernels } from './kernels.gen.ts'
import { openTile } from './state.ts'

type Turn = Parameters<CmdKernels['cmd_turn']>[0]
type Pass = Pick<Turn, 'kept' | 'columns' | 'looked'> & { readonly tile: number }

/** A row of M = [B Y], and the row's moments after the block. */
interface Entering {
  readonly m: number[]
  readonly energy: number
  readonly mean: number
}

/** A normal number from two words, by Box and Muller. */
function normalOf(h: number, row: number): number {
  const radius = Math.sqrt(-2 * log((h + 0.5) / 2 ** 32))
  return radius * sinCos((2 * Math.PI * mix((h + row) | 0)) / 2 ** 32)[1]
}

/** `assembly/cmd.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): CmdKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const f64 = (p: number): number => memory.getFloat64(p, true)
  const f32s = (p: number, length: number) => new Float32Array(buffer, p, length)
  const f64s = (p: number, length: number) => new Float64Array(buffer, p, length)
  const tileOf = (address: number, columns: number) => openTile(buffer, address, columns)

  const entering = ({ tile, kept, columns, looked }: Pass, row: number): Entering => {
    const { mean: before, energy, factor } = tileOf(tile, kept)
    const { x, stride, elementBytes, high, low } = columns
    const { count, roots, kappa, fade, fresh, fraction } = looked
    let position = f32(high + 4 * row) + f32(low + 4 * row)
    const u: number[] = []
    const v: number[] = []
    for (let j = 0; j < count; j++) {
      const at = x + j * stride + elementBytes * row
      position += elementBytes === 8 ? f64(at) : f32(at)
      const root = f64(roots + 8 * j)
      if (root === 0) continue
      u.push(position)
      v.push(root * root)
    }
    const origin = fresh ? u[0]! : before[row]!
    const sum = u.reduce((total, position, j) => total + v[j]! * (position - origin), 0)
    const y = u.map((position, j) => Math.sqrt(v[j]!) * (position - origin - kappa * sum))
    const old = fade * energy[row]!
    const square = y.reduce((total, value) => total + value * value, old)
    const alive = square >= 1e-280
    const b = Array.from({ length: kept }, (_, k) => factor[k * tileRows + row]!)
    const m = alive
      ? [
          ...b.map((value) => value * (Math.sqrt(old) / Math.sqrt(square))),
          ...y.map((value) => value / Math.sqrt(square)),
        ]
      : [...b, ...y].fill(0)
    return {
      m,
      energy: alive ? square : 0,
      mean: origin + fraction * sum,
    }
  }

  /** Loops over some tiles and their rows in the columns. */
  const each = ({
    tiles: { first, length, pitch },
    columns,
    ...values
  }: Pick<Turn, 'tiles' | 'kept' | 'columns' | 'looked'>): Pass[] =>
    Array.from({ length }, (_, t) => ({
      ...values,
      tile: first + t * pitch,
      columns: {
        ...columns,
        x: columns.x + t * tileRows * columns.elementBytes,
        high: columns.high + 4 * t * tileRows,
        low: columns.low + 4 * t * tileRows,
      },
    }))

  const rowsOf = (pass: Pass): Entering[] =>
    Array.from({ length: tileRows }, (_, row) => entering(pass, row))

  const movingOf = (rows: readonly Entering[]): [energy: number, count: number] => {
    const moving = rows.filter(({ energy }) => energy > 0)
    return [moving.reduce((sum, { energy }) => sum + energy, 0), moving.length]
  }

  const member = (members: number, m: number): number => memory.getUint32(members + 4 * m, true)

  return {
    cmd_gram: ({ index, sums, ...values }) =>
      each(values).reduce((depth, pass, t) => {
        const rows = rowsOf(pass)
        const k = pass.kept + pass.looked.taken
        const triangle = Array.from({ length: k }, (_, i) =>
          Array.from({ length: k - i }, (_, j) =>
            rows.reduce((sum, { m }) => sum + m[i]! * m[i + j]!, 0)
          )
        )
        const own = Float64Array.from([0, ...movingOf(rows), ...triangle.flat()])
        return pushTile(buffer, sums, depth, own, index + t)
      }, sums.depth),

    cmd_turn: ({ r, turned, moved, ...values }) => {
      each(values).forEach((pass, t) => {
        const rows = rowsOf(pass)
        const { mean, energy, factor } = tileOf(pass.tile, Math.max(pass.kept, turned))
        const rotation = f32s(r, (pass.kept + pass.looked.taken) * turned)
        f64s(moved + 16 * t, 2).set(movingOf(rows))
        rows.forEach((own, row) => {
          mean[row] = own.mean
          energy[row] = own.energy
          for (let k = 0; k < turned; k++) {
            factor[k * tileRows + row] = own.m.reduce(
              (sum, value, i) => sum + value * rotation[i * turned + k]!,
              0
            )
          }
        })
      })
    },

    cmd_assign: ({ tiles: { first, length, pitch }, kept, references, modes, ...rest }) => {
      const { counts, index, sums } = rest
      const clocks = f32s(references, kept * modes)
      const groups = new Uint32Array(buffer, counts, modes + 2)
      let { depth } = sums
      for (let t = 0; t < length; t++) {
        const { changes, mode, energy, factor } = tileOf(first + t * pitch, kept)
        const values = new Float64Array(5 + modes)
        for (let row = 0; row < tileRows; row++) {
          const b = Array.from({ length: kept }, (_, k) => factor[k * tileRows + row]!)
          let best = 0
          let now = 0
          for (let m = 0; m < modes; m++) {
            const product = b.reduce((sum, value, k) => sum + value * clocks[m * kept + k]!, 0)
            if (Math.abs(product) <= best) continue
            best = Math.abs(product)
            now = m + 1
          }
          best = Math.min(best, 1)
          const square = energy[row]!
          const before = mode[row]!
          if (!(square > 0)) now = 0
          mode[row] = now
          if (before > 0 && now > 0 && before !== now) changes[0]!++
          if (!(square > 0)) {
            groups[modes + 1]!++
            continue
          }
          groups[now === 0 ? modes : now - 1]!++
          values[1]! += square
          values[2]! += square * (1 - best * best)
          values[3]! += square * Math.max(0, 1 - b.reduce((sum, value) => sum + value * value, 0))
          if (now > 0) values[4 + now]! += best
        }
        values[4] = changes[0]!
        depth = pushTile(buffer, sums, depth, values, index + t)
      }
      return depth
    },

    cmd_draw: ({ numbers, deviations, kept, rest, length, seed, samples }) => {
      const own = f32s(deviations, kept)
      const columns = f32s(samples, kept * length)
      new Uint32Array(buffer, numbers, length).forEach((number, i) => {
        let key = seed
        const z = Array.from(own, (deviation) => {
          key = mix((key + 1) | 0)
          return deviation * normalOf(mix(mix(number) ^ key), mix(number))
        })
        const size = Math.sqrt(z.reduce((sum, value) => sum + value * value, rest))
        z.forEach((value, k) => {
          columns[k * length + i] = number === 0 ? 0 : value / size
        })
      })
    },

    cmd_likeness: ({ samples, candidates, count, kept, likeness: { q, pitch, length } }) => {
      const columns = f32s(samples, kept * length)
      for (let c = 0; c < count; c++) {
        const own = f32s(candidates + 4 * c * kept, kept)
        const out = f32s(q + c * pitch, length)
        for (let i = 0; i < length; i++) {
          const product = own.reduce((sum, value, k) => sum + value * columns[k * length + i]!, 0)
          out[i] = Math.min(1, product * product)
        }
      }
    },

    cmd_best: ({ likeness: { q, pitch, length }, members, count, without, best }) => {
      const out = f32s(best, length).fill(0)
      for (let m = 0; m < count; m++) {
        if (m === without) continue
        f32s(q + member(members, m) * pitch, length).forEach((value, i) => {
          out[i] = Math.max(out[i]!, value)
        })
      }
    },

    cmd_totals: ({ likeness: { q, pitch, length }, members, count, best, totals }) => {
      const so = f32s(best, length)
      for (let m = 0; m < count; m++) {
        const candidate = member(members, m)
        const own = f32s(q + candidate * pitch, length)
        const total = so.reduce((sum, value, i) => sum + Math.max(value, own[i]!), 0)
        memory.setFloat64(totals + 8 * candidate, total, true)
      }
    },
  }
}

// Whether reading columns once for several kernels pays: kernels by turns on a few tiles, which are then hot, and norms taken of a
// payload while it lands.
import { engineKernels } from '../../src/engine/kernels.gen.ts'
import { Arena } from '../../src/kernels/arena.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { healthKernels } from '../../src/stages/health/kernels.gen.ts'
import { random } from '../engine/frames.ts'
import { type Task, table, takeTurns } from './timing.ts'

const rows = 1 << 20
const tiles = rows / tileRows
const block = 16
const stride = rows * 4 + 1088
/** Bytes of a payload that land before their norms are taken: they stay in the second-level cache. */
const hot = 1 << 16

function tasks(): Task[] {
  const arena = new Arena(rows * 4 * (block + 3) + (8 << 20), 'base')
  const x = arena.take(stride * block)
  const next = random(1)
  const noise = Float32Array.from({ length: 1 << 16 }, next)
  const columns = arena.f32(x, (stride * block) / 4)
  for (let i = 0; i + noise.length <= columns.length; i += noise.length) columns.set(noise, i)
  const [high, low, moved] = [arena.take(rows * 4), arena.take(rows * 4), arena.take(rows)]
  const [stack, zeros] = [arena.take(1 << 20), arena.take(2 * hot)]
  const scratch = arena.take(16 * tileRows)
  const [health, engine] = [arena.kernels(healthKernels), arena.kernels(engineKernels)]
  const frame = new Uint8Array(rows * 4).fill(60)

  let depth = 0
  const norms = (tile: number, count: number): void => {
    const at = tileRows * 4 * tile
    if (tile === 0) depth = 0
    depth = health.health_norms({
      x: x + at,
      stride,
      count: block,
      elementBytes: 4,
      weights: 0,
      high: high + at,
      low: low + at,
      moved: moved + at / 4,
      keep: false,
      tiles: count,
      index: tile,
      sums: { from: 0, stack, depth },
      scratch,
    })
  }
  const positions = (tile: number, count: number): void => {
    const at = tileRows * 4 * tile
    engine.advance_positions({
      high: high + at,
      low: low + at,
      x: x + at,
      stride,
      count: block,
      n: tileRows * count,
      elementBytes: 4,
    })
  }
  const land = (): void => {
    for (let j = 0; j < block; j++) {
      arena.u8(x + j * stride, rows * 4).set(frame)
      engine.count_unusable_f32({ p: x + j * stride, n: rows })
    }
  }
  const landWithNorms = (): void => {
    for (let j = 0; j < block; j++) {
      let own = 0
      for (let at = 0; at < rows * 4; at += hot) {
        const to = x + j * stride + at
        arena.u8(to, hot).set(frame.subarray(at, at + hot))
        engine.count_unusable_f32({ p: to, n: hot / 4 })
        own = health.health_norms({
          x: to,
          stride: 0,
          count: 1,
          elementBytes: 4,
          weights: 0,
          high: zeros,
          low: zeros + hot,
          moved: zeros,
          keep: false,
          tiles: hot / (tileRows * 4),
          index: at / (tileRows * 4),
          sums: { from: 0, stack, depth: own },
          scratch,
        })
      }
    }
  }
  const interleaved = (few: number): Task => ({
    name: `norms and positions by turns on ${few} ${few === 1 ? 'tile' : 'tiles'}`,
    run: () => {
      for (let tile = 0; tile < tiles; tile += few) {
        norms(tile, few)
        positions(tile, few)
      }
    },
  })
  return [
    { name: 'norms', run: () => norms(0, tiles) },
    { name: 'positions', run: () => positions(0, tiles) },
    {
      name: 'norms, then positions, as it is',
      run: () => {
        norms(0, tiles)
        positions(0, tiles)
      },
    },
    ...[1, 4, 16, 64].map(interleaved),
    { name: 'landing', run: land },
    { name: 'landing with norms of the payload', run: landWithNorms },
  ]
}

/** ns per weight and delta of each way. */
export function onePassTable(rounds: number): string {
  const lines = Array.from(takeTurns(tasks(), rounds), ([name, seconds]) => [
    name,
    ((seconds * 1e9) / rows / block).toFixed(2),
  ])
  return table([['', 'ns per weight and delta'], ...lines])
}

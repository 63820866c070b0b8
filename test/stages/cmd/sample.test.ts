import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { layOut, scopeOf } from '../../../src/engine/planning/layout.ts'
import type { Scope } from '../../../src/stage/scope.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import type { Rows } from '../../../src/stages/cmd/rows.ts'
import { drawRows, lineOf, place, rowsAt, sampledTiles } from '../../../src/stages/cmd/sample.ts'
import type { CmdContext } from '../../../src/stages/cmd/spec.ts'

const sample = suite('the sample of weights')

const kept = 2

function scope(...rows: number[]): Scope {
  const layout = layOut(rows.map((n, index) => ({ index, name: `t${index}`, rows: n })))
  const shape = scopeOf('model', [...rows.keys()], layout)
  return { ...shape, segments: [], from: 0, to: shape.tiles }
}

/** Rows of these squares, as far as they lie in the tiles [from, to). */
function rowsOf(energies: Float64Array, from: number, to: number): Rows {
  const energyOf = (index: number) =>
    Float64Array.from({ length: tileRows }, (_, row) => energies[index * tileRows + row] ?? 0)
  const isOwn = (index: number): boolean => index >= from && index < to
  return {
    moved: () =>
      Float64Array.from(
        Array.from({ length: to - from }, (_, tile) => {
          const own = energyOf(from + tile).filter((square) => square > 0)
          return [own.reduce((sum, square) => sum + square, 0), own.length]
        }).flat()
      ),
    tile(index: number) {
      const energy = energyOf(index)
      const mean = energy.map((_, row) => index * tileRows + row + 0.5)
      const factor = Float32Array.from({ length: kept * tileRows }, (_, i) => i / 512 - 0.5)
      return isOwn(index) ? { energy, mean, factor, origins: undefined } : undefined
    },
  } as unknown as Rows
}

type Stepping<Result> = Generator<
  { max?: Float64Array },
  Result,
  { add: Float64Array; max: Float64Array }
>

/** Steps shards in lockstep, as the engine does. */
function together<Result>(shards: readonly Stepping<Result>[]): Result[] {
  let steps = shards.map((shard) => shard.next())
  while (!steps[0]!.done) {
    const parts = steps.map(({ value }) => (value as { max: Float64Array }).max)
    const max = parts[0]!.map((_, i) => Math.max(...parts.map((part) => part[i]!)))
    steps = shards.map((shard) => shard.next({ add: new Float64Array(1), max }))
  }
  return steps.map(({ value }) => value as Result)
}

function draw(energies: Float64Array, samples: number, seed: number, cuts: number[] = []) {
  const own = scope(energies.length)
  const moving = energies.filter((square) => square > 0)
  const energy = moving.reduce((sum, square) => sum + square, 0)
  const moments = { energy, moving: moving.length, gram: new Float64Array() }
  const edges = [0, ...cuts, own.tiles]
  const shards = edges.slice(1).map((to, k) => {
    const context = { scope: { ...own, from: edges[k]!, to }, options: { samples, seed } }
    return drawRows(
      context as unknown as CmdContext,
      rowsOf(energies, edges[k]!, to),
      moments,
      kept
    )
  })
  const [first, ...others] = together(shards as unknown as Stepping<ReturnType<typeof known>>[])
  for (const other of others) assert.equal(other, first)
  return known(first!)
}
const known = (rows: { count: number; kept: number; table: Float64Array }) => rows

/** Numbers of the rows that were drawn. */
function numbersOf({ count, table }: ReturnType<typeof known>): number[] {
  return Array.from({ length: count }, (_, i) => table[i * lineOf({ kept }) + place.row]!)
}

sample('takes a row as often as its share of E and an even share say, on the average', () => {
  const energies = Float64Array.from({ length: 300 }, (_, i) =>
    i % 10 === 3 ? 0 : (1 + (i % 7)) ** 3
  )
  energies[17] = 1e4
  const total = energies.reduce((sum, square) => sum + square, 0)
  const hits = new Float64Array(300)
  const draws = 600
  for (let seed = 0; seed < draws; seed++) {
    for (const row of numbersOf(draw(energies, 40, seed))) hits[row]!++
  }
  energies.forEach((square, row) => {
    const expected = square > 0 ? 20 * (square / total + 1 / 270) : 0
    const deviation = Math.sqrt(Math.min(expected, 1) / draws)
    assert.ok(
      Math.abs(hits[row]! / draws - expected) <= 4.5 * deviation,
      `row ${row}: ${hits[row]}`
    )
  })
})

sample('is a function of the seed, in order, and does not fall into step with the rows', () => {
  const energies = new Float64Array(4000).fill(1)
  const rows = numbersOf(draw(energies, 1000, 1))
  assert.equal(rows, numbersOf(draw(energies, 1000, 1)))
  assert.not.equal(rows, numbersOf(draw(energies, 1000, 2)))
  assert.equal(
    rows,
    [...rows].sort((a, b) => a - b)
  )
  for (const period of [4, 16, 100]) {
    const classes = new Float64Array(period)
    for (const row of rows) classes[row % period]!++
    const expected = 1000 / period
    for (const count of classes) {
      assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected), `${count} of ${expected}`)
    }
  }
})

sample('is the same to the bit however the tiles are cut, with each row as it is', () => {
  const energies = Float64Array.from({ length: 1100 }, (_, i) => (i % 3) * 10 ** (i % 5))
  const whole = draw(energies, 64, 5)
  for (const cuts of [[2], [1, 4], [0, 3]]) assert.equal(draw(energies, 64, 5, cuts), whole)
  for (let i = 0; i < whole.count; i++) {
    const line = whole.table.subarray(i * lineOf({ kept }), (i + 1) * lineOf({ kept }))
    const row = line[place.row]!
    assert.is(line[place.energy], energies[row])
    assert.is(line[place.mean], row + 0.5)
    assert.is(line[place.factor], (row % tileRows) / 512 - 0.5)
    assert.is(line[place.factor + 1], (row % tileRows) / 512)
  }
})

sample('looks up rows by their numbers, those that stand still with E = 0', () => {
  const own = { ...scope(600) }
  const energies = Float64Array.from({ length: 600 }, (_, i) => (i === 300 ? 0 : i))
  const [found] = together([
    rowsAt(own, rowsOf(energies, 0, 3), Float64Array.of(599, 300, 0), kept),
  ] as unknown as Stepping<ReturnType<typeof known>>[])
  const value = (i: number, at: number): number => found!.table[i * lineOf({ kept }) + at]!
  assert.equal(
    [value(0, place.row), value(0, place.energy), value(0, place.mean)],
    [599, 599, 599.5]
  )
  for (const i of [1, 2]) assert.equal([value(i, place.energy), value(i, place.mean)], [0, 0])
})

sample('comes from at most 4,096 tiles, at least one of each tensor, all by their share', () => {
  const all = sampledTiles(scope(1000, 256, 5), 3)
  assert.equal(
    all.map(({ index, weight }) => [index, weight]),
    [0, 1, 2, 3, 4, 5].map((index) => [index, 1])
  )
  const large = scope(...Array.from({ length: 20 }, () => 5), 3_000_000)
  const tiles = sampledTiles(large, 3)
  assert.ok(tiles.length <= 4096)
  assert.is(new Set(tiles.map(({ index }) => index)).size, tiles.length)
  for (let tile = 0; tile < 20; tile++) assert.is(tiles[tile]!.index, tile)
  const stood = tiles.reduce((sum, { weight }) => sum + weight, 0)
  assert.ok(Math.abs(stood - large.tiles) < 1e-6)
  // A matrix whose rows take 16 tiles each: every part of a row is seen.
  const parts = new Float64Array(16)
  for (const { index } of sampledTiles(scope(256 * 65536), 0)) parts[index % 16]!++
  for (const count of parts) assert.ok(Math.abs(count - 256) < 80, `${count}`)
  const many = scope(...Array.from({ length: 5000 }, () => 300))
  assert.is(sampledTiles(many, 0).length, 4096)
})

sample.run()

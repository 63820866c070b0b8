import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../src/kernels/arena.ts'
import { TileSums } from '../../src/kernels/sums.ts'
import { countsTree, reduceTree } from '../../src/kernels/tree.ts'

const tree = suite('the tree of sums over tiles')

/** Each tile's vector, of values whose sum depends on the order of additions. */
function tileValue(index: number, slot: number): number {
  const x = Math.sin(12.9898 * (index + 1) + 78.233 * slot) * 43758.5453
  return (x - Math.floor(x)) * 10 ** (index % 7)
}

function sumOver(tiles: number, cuts: number[]): Float64Array {
  const edges = [0, ...cuts, tiles]
  const parts = edges.slice(1).map((to, shard) => {
    const arena = new Arena(1 << 16, 'js')
    const sums = new TileSums(arena, arena.take(1 << 14), { tiles, from: edges[shard]! }, 2)
    for (let index = edges[shard]!; index < to; index++) {
      const slot = sums.slot()
      slot[0] = tileValue(index, 0)
      slot[1] = tileValue(index, 1)
      sums.push(index)
    }
    return sums.partial(to)
  })
  return reduceTree(parts)
}

/** The definition: the sum of tiles [from, to) of a perfect tree of `size` leaves, absent leaves left out. */
function perfect(from: number, size: number, tiles: number, slot: number): number {
  if (size === 1) return tileValue(from, slot)
  const half = size / 2
  const left = perfect(from, half, tiles, slot)
  return from + half < tiles ? left + perfect(from + half, half, tiles, slot) : left
}

tree('equals the definition for any number of tiles', () => {
  for (let tiles = 1; tiles < 70; tiles++) {
    let size = 1
    while (size < tiles) size *= 2
    assert.is(sumOver(tiles, [])[0], perfect(0, size, tiles, 0), `${tiles} tiles`)
  }
})

tree('is equal to the bit however the tiles are cut into shards', () => {
  for (const tiles of [1, 7, 64, 101]) {
    const whole = sumOver(tiles, [])
    for (let cut = 0; cut <= tiles; cut += 3) {
      assert.equal(sumOver(tiles, [cut]), whole)
      assert.equal(sumOver(tiles, [Math.floor(cut / 2), cut]), whole)
    }
  }
})

tree('adds up counts that each shard hands over as a whole, empty shards among them', () => {
  const parts = [0, 5, 5, 12].flatMap((from, i, edges) =>
    i < 3 ? [countsTree({ from, to: edges[i + 1]! }, [i === 1 ? 0 : 10 ** i, 7 * (i % 2)])] : []
  )
  assert.equal([...reduceTree(parts)], [101, 0])
})

tree.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { layOut, scopeOf } from '../../../src/engine/planning/layout.ts'
import type { ScopeShape } from '../../../src/stage/scope.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { allot, samplePlaces } from '../../../src/stages/cmd/sample.ts'

const sample = suite('the sample of weights')

function scope(...rows: number[]): ScopeShape {
  const layout = layOut(rows.map((n, index) => ({ index, name: `t${index}`, rows: n })))
  return scopeOf('model', [...rows.keys()], layout)
}

sample('is half even, half by size', () => {
  assert.equal(allot([1000, 3000], 100), [25 + 12 + 1, 25 + 37])
  assert.equal(allot([10, 1e6, 1e6], 600), [10, 295, 295])
})

sample('gives what small tensors cannot take to the least sampled ones', () => {
  const shares = allot([3, 5, 1000, 2000], 400)
  assert.equal(shares.slice(0, 2), [3, 5])
  assert.is(
    shares.reduce((sum, n) => sum + n, 0),
    400
  )
  assert.equal(allot([3, 5], 400), [3, 5], 'all, where there are no more')
})

sample('holds different weights, in order, where their rows lie', () => {
  const places = samplePlaces(scope(100, 2000, 513), 300, 1)
  assert.is(places.length, 300)
  assert.is(new Set(places.map(({ tile, row }) => tileRows * tile + row)).size, 300)
  for (const { tensor, index, tile, row } of places) {
    assert.ok(index < tensor.rows)
    assert.is(tileRows * (tile - tensor.tile) + row, index)
  }
  const order = places.map(({ tile, row }) => tileRows * tile + row)
  assert.equal(
    order,
    [...order].sort((a, b) => a - b)
  )
})

sample('is all weights where there are no more', () => {
  const places = samplePlaces(scope(2, 300), 1000, 5)
  assert.equal(
    places.map(({ tensor, index }) => [tensor.index, index]),
    [...Array(302).keys()].map((i) => (i < 2 ? [0, i] : [1, i - 2]))
  )
})

sample('with more tensors than half its size is drawn from all weights', () => {
  const places = samplePlaces(scope(...Array(40).fill(7)), 50, 3)
  assert.is(places.length, 50)
  assert.is(new Set(places.map(({ tensor, index }) => 7 * tensor.index + index)).size, 50)
  for (const { tensor, index } of places) assert.ok(index >= 0 && index < tensor.rows)
})

sample('is a function of the seed, and each weight is as likely as another', () => {
  const shape = scope(40)
  const indices = (seed: number): number[] => samplePlaces(shape, 10, seed).map((p) => p.index)
  assert.equal(indices(1), indices(1))
  assert.not.equal(indices(1), indices(2))
  const hits = new Float64Array(40)
  const draws = 4000
  for (let seed = 0; seed < draws; seed++) for (const index of indices(seed)) hits[index]!++
  const deviation = Math.sqrt(draws * 0.25 * 0.75)
  for (const count of hits) assert.ok(Math.abs(count - draws / 4) < 4.5 * deviation, `${count}`)
})

sample.run()

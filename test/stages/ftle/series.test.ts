import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { capacity, type Point, Series } from '../../../src/stages/ftle/series.ts'

const series = suite('a series of bounded length')

const make = (vectors = 1, withSums = false): Series => {
  const options = { vectors, withSums }
  const bytes = Series.bytes(options)
  const arena = new Arena(bytes, 'js')
  return new Series(arena, arena.take(bytes), options)
}

const point = (step: number, norms: number[], breaks = false): Point => ({
  step,
  breaks,
  scale: 10 * step,
  norms: Float64Array.from(norms),
  moved: 1,
  along: Float64Array.from(norms, () => 0.5),
  sums: Float64Array.from(norms, (norm) => 2 * norm),
  logs: Float64Array.from(norms, (norm) => norm / 2),
})

const stepsOf = (from: Series): number[] =>
  Array.from({ length: from.count }, (_, i) => from.step(i))

series('keeps what it is given', () => {
  const kept = make(2, true)
  kept.offer(point(5, [1, 2]), 5)
  kept.offer(point(10, [3, Number.NaN]), 5)
  assert.is(kept.count, 2)
  assert.equal(stepsOf(kept), [5, 10])
  assert.is(kept.scale(1), 100)
  assert.equal([...kept.norms(0)], [1, 2])
  assert.equal([...kept.logs(0)], [0.5, 1])
  assert.equal([...kept.sums(1)], [6, Number.NaN])
})

series(
  'starts a segment at a break and where a twin comes or goes, and counts steps from there',
  () => {
    const kept = make(2)
    const offered: [number, number[], boolean?][] = [
      [1, [1, 0]],
      [2, [1, 0]],
      [4, [1, 1]],
      [5, [1, 1], true],
      [6, [1, Number.NaN]],
      [7, [1, Number.NaN]],
    ]
    for (const [step, norms, breaks] of offered) kept.offer(point(step, norms, breaks), 1)
    const indices = [0, 1, 2, 3, 4, 5]
    assert.equal(
      indices.map((i) => kept.segment(i)),
      [1, 1, 2, 3, 4, 4]
    )
    assert.equal(
      indices.map((i) => kept.elapsed(i)),
      [1, 2, 2, 1, 1, 2]
    )
  }
)

series('counts on from before a step that the trainer went back to', () => {
  const kept = make()
  kept.offer(point(50, [1]), 1)
  kept.offer(point(31, [1], true), 1)
  kept.offer(point(32, [1]), 1)
  assert.equal([kept.elapsed(1), kept.elapsed(2)], [1, 2])
})

series('halves its resolution when full and takes every second point from then on', () => {
  const kept = make()
  for (let step = 1; step <= 3 * capacity; step++) {
    if (kept.isFull) kept.halve(undefined)
    kept.offer(point(step, [step]), 1)
  }
  const steps = stepsOf(kept)
  assert.is(steps[0], 1)
  assert.ok(steps.length > capacity / 2 && steps.length <= capacity)
  assert.ok(steps.slice(1).every((step, i) => step - steps[i]! === 4))
  steps.forEach((step, i) => {
    assert.is(kept.norms(i)[0], step)
  })
})

series('spares a span from halving, but not one of more than half of all points', () => {
  const kept = make()
  for (let step = 1; step <= capacity; step++) kept.offer(point(step, [step]), 1)
  kept.halve({ from: 100, to: 163 })
  assert.is(kept.count, capacity / 2 + 32)
  assert.equal(stepsOf(kept).slice(48, 118), [
    97,
    99,
    ...Array.from({ length: 64 }, (_, i) => 101 + i),
    165,
    167,
    169,
    171,
  ])
  const wide = make()
  for (let step = 1; step <= capacity; step++) wide.offer(point(step, [step]), 1)
  wide.halve({ from: 0, to: capacity - 100 })
  assert.is(wide.count, capacity / 2)
})

series('finds and drops what a window has left behind', () => {
  const kept = make()
  for (let step = 1; step <= 100; step++) kept.offer(point(step, [1], step === 60), 1)
  assert.is(kept.step(kept.recent(10)), 90)
  assert.is(kept.step(kept.recent(80)), 60)
  kept.dropBefore(kept.recent(10))
  assert.equal(
    stepsOf(kept),
    Array.from({ length: 11 }, (_, i) => 90 + i)
  )
})

series('is its bytes alone', () => {
  const bytes = Series.bytes({ vectors: 1 })
  const arena = new Arena(2 * bytes, 'js')
  const [a, b] = [arena.take(bytes), arena.take(bytes)]
  const first = new Series(arena, a, { vectors: 1 })
  for (let step = 1; step <= 20; step++) first.offer(point(step, [step]), 1)
  arena.u8(b, bytes).set(arena.u8(a, bytes))
  const second = new Series(arena, b, { vectors: 1 })
  first.offer(point(21, [7]), 1)
  second.offer(point(21, [7]), 1)
  assert.equal(arena.u8(b, bytes), arena.u8(a, bytes))
})

series.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { glorotUniform } from '../../../src/node/train/kernels.ts'
import { Random } from '../../../src/node/train/random.ts'

const test = suite('random')
const draws = 100_000

test('is a function of seed and stream', () => {
  const first = (seed: number, stream?: number) => new Random(seed, stream).uniform()
  assert.is(first(1), first(1, 0))
  assert.is(new Set([first(1), first(2), first(1, 1), first(0xffffffff)]).size, 4)
})

test('uniform numbers have the moments of U(0, 1)', () => {
  const random = new Random(7)
  const values = Array.from({ length: draws }, () => random.uniform())
  near(mean(values), 1 / 2, Math.sqrt(1 / 12))
  near(mean(values.map((u) => u * u)), 1 / 3, Math.sqrt(4 / 45))
  near(mean(values.map((u, i) => u * values[(i + 1) % draws]!)), 1 / 4, Math.sqrt(7) / 12)
  assert.ok(Math.min(...values) >= 0 && Math.max(...values) < 1)
})

test('normal numbers have the moments of N(0, 1)', () => {
  const random = new Random(8)
  const values = Array.from({ length: draws }, () => random.normal())
  near(mean(values), 0, 1)
  near(mean(values.map((z) => z ** 2)), 1, Math.sqrt(2))
  near(mean(values.map((z) => z ** 4)), 3, Math.sqrt(96))
})

test('a permutation holds every number once, each place equally likely', () => {
  const random = new Random(9)
  const places = new Float64Array(5)
  for (let i = 0; i < draws / 10; i++) {
    const order = [...random.permutation(5)]
    assert.equal([...order].sort(), [0, 1, 2, 3, 4])
    places[order.indexOf(2)]!++
  }
  for (const count of places) near(count / (draws / 10), 1 / 5, 0.4, draws / 10)
})

test('glorot kernels count the positions of a convolution', () => {
  const values = glorotUniform([5, 5, 6, 16], new Random(1))
  const limit = Math.sqrt(6 / (25 * 22))
  assert.is(values.length, 2400)
  assert.ok(Math.max(...values) <= limit && Math.max(...values) > 0.99 * limit)
})

/** Within five standard errors of so many draws. */
function near(actual: number, expected: number, deviation: number, count = draws): void {
  assert.ok(Math.abs(actual - expected) < (5 * deviation) / Math.sqrt(count), `${actual}`)
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length
}

test.run()

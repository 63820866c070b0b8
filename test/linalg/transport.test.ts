import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assign } from '../../src/linalg/assignment.ts'
import { transport } from '../../src/linalg/transport.ts'
import { Random } from '../../src/node/train/random.ts'

const moving = suite('optimal transport')

const even = (n: number) => new Float64Array(n).fill(1 / n)
const costs = (random: Random, length: number) =>
  Float64Array.from({ length }, () => random.uniform())

moving('equal sizes and masses: the mean cost of the best assignment', () => {
  const random = new Random(1, 0)
  for (let n = 1; n <= 40; n += 3) {
    const cost = costs(random, n * n)
    const best = assign(cost, n).reduce((sum, j, i) => sum + cost[i * n + j]!, 0) / n
    assert.ok(Math.abs(transport(cost, even(n), even(n)) - best) < 1e-12, `n = ${n}`)
  }
})

moving('on a line: the area between the two distribution functions', () => {
  const random = new Random(2, 0)
  for (const [n, m] of [
    [1, 5],
    [4, 7],
    [31, 64],
    [64, 10],
  ] as const) {
    const draw = (k: number) => {
      const masses = costs(random, k)
      const sum = masses.reduce((a, b) => a + b)
      return { at: costs(random, k), mass: masses.map((mass) => mass / sum) }
    }
    const [a, b] = [draw(n), draw(m)]
    const cost = Float64Array.from({ length: n * m }, (_, k) =>
      Math.abs(a.at[Math.floor(k / m)]! - b.at[k % m]!)
    )
    const events = [
      ...Array.from(a.at, (at, i) => [at, a.mass[i]!] as const),
      ...Array.from(b.at, (at, i) => [at, -b.mass[i]!] as const),
    ].sort((x, y) => x[0] - y[0])
    let [area, height] = [0, 0]
    events.forEach(([at, mass], i) => {
      if (i > 0) area += Math.abs(height) * (at - events[i - 1]![0])
      height += mass
    })
    assert.ok(Math.abs(transport(cost, a.mass, b.mass) - area) < 1e-10, `${n}, ${m}`)
  }
})

moving('a place without mass counts for nothing', () => {
  const cost = Float64Array.of(1, 5, 9, 9)
  assert.is(transport(cost, Float64Array.of(1, 0), Float64Array.of(0.5, 0.5)), 3)
})

moving.run()

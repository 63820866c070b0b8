import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  allowance,
  evenly,
  spreadOf,
  student,
  uneven,
} from '../../../../src/stages/ftle/verdict/spread.ts'
import { correlationTime } from '../../../../src/stages/ftle/verdict/statistics.ts'
import { random } from '../../../engine/frames.ts'
import { line, measured, readingOf, walk } from './courses.ts'

const spread = suite('how evenly growth is spread')

const near = (value: number, expected: number, within: number): void =>
  assert.ok(Math.abs(value - expected) <= within, `${value}, expected ${expected}`)
const curveOf = (logs: readonly number[], times = logs.map((_, t) => t + 1)) => ({
  times: Float64Array.from(times),
  logs: Float64Array.from(logs),
})

spread('is told in correlation times, which an autoregression has (1 + a) / (1 - a) of', () => {
  const next = random(3)
  let value = 0
  const values = Float64Array.from({ length: 40_000 }, () => (value = 0.6 * value + next()))
  near(correlationTime(values), 4, 1)
  near(correlationTime(values.map(() => next())), 1, 0)
  // Values that alternate have less than one, and values that are alike none.
  assert.is(correlationTime(values.map((_, i) => (i % 2 ? 1 : -1))), 1)
  assert.is(correlationTime(values.map(() => 0.3 + 1e-9 * next())), 1)
})

spread('counts the equal parts that a change comes in', () => {
  const jumps = [50, 120, 190, 260, 330]
  const logs = Array.from({ length: 400 }, (_, t) => 3 * jumps.filter((at) => t >= at).length)
  near(spreadOf(curveOf(logs)).parts, 5, 1e-9)
  near(spreadOf(curveOf(logs.map((v) => -v))).parts, -5, 1e-9)
  // (1 + 2)² / (1 + 4)
  const two = Array.from({ length: 400 }, (_, t) => Number(t >= 100) + 2 * Number(t >= 300))
  near(spreadOf(curveOf(two)).parts, 9 / 5, 1e-9)
  near(spreadOf(curveOf(line(401, 0.1))).parts, 400, 1e-9)
})

spread('sees through the scatter of a period', () => {
  // Rates 1, -0.8, 0.1 in turn: over three steps all sums are 0.3.
  const rates = [1, -0.8, 0.1]
  let log = 0
  const logs = Array.from({ length: 301 }, (_, t) => (log += rates[t % 3]!))
  const { evenness, parts, unsteadiness } = spreadOf(curveOf(logs))
  assert.ok(evenness > 100 && parts > 99, `${evenness} ${parts}`)
  near(unsteadiness, Math.sqrt((0.9 ** 2 + 0.9 ** 2 + 0) / 3) / 0.1, 0.1)
})

spread('is no more even than chance makes a walk without drift', () => {
  let passed = 0
  for (let seed = 1; seed <= 400; seed++) {
    passed += Number(spreadOf(curveOf(walk(300, 0, 0.3, seed))).evenness >= 1)
  }
  // 0.1 % at one size of the sums, the best of fifteen.
  assert.ok(passed <= 6, `${passed} of 400`)
  const drifting = spreadOf(curveOf(walk(300, 0.1, 0.3)))
  assert.ok(drifting.evenness > 1.5 && drifting.persistence > 1, JSON.stringify(drifting))
})

spread('has the share of the largest steps', () => {
  const calm = spreadOf(curveOf(walk(400, 0.1, 0.3)))
  assert.ok(calm.burst > 0.08 && calm.burst < 0.2, `${calm.burst}`)
  const logs = Array.from({ length: 401 }, (_, t) => Math.floor(t / 20))
  near(spreadOf(curveOf(logs)).burst, 1, 1e-12)
})

spread("has Student's quantiles to 1 %", () => {
  // scipy.stats.t.ppf(.999, n)
  const quantiles: [number, number][] = [
    [7, 4.78529],
    [10, 4.1437],
    [15, 3.732834],
    [30, 3.385185],
    [100, 3.173739],
  ]
  for (const [freedom, expected] of quantiles) near(student(freedom) / expected, 1, 0.01)
})

spread('is judged at the coarsest spacing of its points', () => {
  const times = [1, 2, 3, 4, 6, 8, 10]
  assert.equal([...evenly(curveOf(times, times)).times], [1, 3, 6, 8, 10])
  const whole = curveOf([1, 2, 3])
  assert.is(evenly(whole), whole)
})

const verdictOf = (logs: number[]): string | undefined =>
  uneven(readingOf({ twins: [logs] }), measured({ twins: [logs] }))?.why

spread('passes even growth, and names jumps and few stretches', () => {
  assert.is(verdictOf(walk(300, 0.07, 0.1, 2, -27)), undefined)
  const next = random(5)
  const jumps = new Set(Array.from({ length: 12 }, () => Math.floor(150 + 150 * next())))
  let log = -27
  const stairs = Array.from(
    { length: 300 },
    (_, t) => (log += Number(jumps.has(t)) * 1.5 + 0.01 * next())
  )
  assert.match(verdictOf(stairs)!, /in jumps: the largest 5 % of the steps hold \d\d %/)
  const late = Array.from(
    { length: 300 },
    (_, t) => -27 + 0.02 * next() + Math.max(0, t - 220) * 0.2
  )
  assert.match(verdictOf(late)!, /too few independent stretches/)
})

spread('must be the more even, the more windows there were to choose from', () => {
  const twins = [line(401, 0.05)]
  assert.is(allowance(readingOf({ twins })), 1)
  // The quantile of 0.1 % / 4 over that of 0.1 %: 3.48 / 3.09.
  near(allowance(readingOf({ twins, growth: [300, 400] })), 1.17, 0.05)
})

spread.run()

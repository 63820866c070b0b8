import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { operatorOf } from '../../../src/stages/ftle/local/operator.ts'
import { pairsOf } from '../../../src/stages/ftle/local/pairs.ts'
import { Path } from '../../../src/stages/ftle/local/path.ts'
import { notWhite } from '../../../src/stages/ftle/local/residuals.ts'
import { random } from '../../engine/frames.ts'
import { framesOf, lastOf, normalOf, runOf } from './single.ts'

const residuals = suite('what a linear map leaves over')

/** What is wrong with the residuals of the best linear map along a path of one coordinate or more. */
function tested(
  steps: number,
  advance: (z: number[], t: number) => number[],
  start: number[]
): string | undefined {
  const bytes = Path.bytes(steps + 1, start.length)
  const arena = new Arena(bytes, 'js')
  const path = new Path(arena, arena.take(bytes), steps + 1, start.length)
  let z = start
  path.append(0, false, new Float64Array(start.length), 0)
  for (let t = 1; t <= steps; t++) {
    const next = advance(z, t)
    path.append(
      t,
      false,
      Float64Array.from(next, (v, k) => v - z[k]!),
      1
    )
    z = next
  }
  const pairs = pairsOf(path, 0, steps)
  return notWhite(operatorOf(pairs), pairs)
}

const logistic =
  (r: number) =>
  ([x]: number[]) => [r * x! * (1 - x!)]

residuals('is white noise of an autoregression, for 99 of 100 seeds and more', () => {
  let wrong = 0
  for (let seed = 1; seed <= 200; seed++) {
    const normal = normalOf(random(seed))
    const found = tested(
      300,
      ([x, y]) => [0.9 * x! + 0.1 * normal(), 0.5 * y! + 0.1 * normal()],
      [1, 1]
    )
    wrong += Number(found !== undefined)
  }
  assert.ok(wrong <= 2, `${wrong} of 200`)
})

residuals('remembers what a map of too few directions leaves out', () => {
  const normal = normalOf(random(3))
  let before = 0
  const second = tested(
    300,
    ([x]) => {
      const next = 1.6 * x! - 0.8 * before + 0.1 * normal()
      before = x!
      return [next]
    },
    [1]
  )
  assert.is(second, 'are correlated from step to step')
})

residuals('depends on the position where the map is not linear, memory or none', () => {
  for (const r of [3.7, 3.9, 4]) {
    assert.ok(tested(300, logistic(r), [0.3]), `${r}`)
  }
  assert.is(tested(300, logistic(4), [0.3]), 'depend on the position')
  const cubic = ([x]: number[]): number[] => [x! - 1.8 * (x! ** 3 - x!)]
  assert.ok(tested(300, cubic, [0.7]))
})

residuals('withholds intervals and verdict where it is large or not white', () => {
  const normal = normalOf(random(8))
  const noisy = lastOf(framesOf(runOf((z) => z.map((v) => 0.9 * v), [0, 0], 400, { noise: 1 })))
  assert.is(noisy.verdict, 'insufficient')
  assert.equal(noisy.spectralIntervals, [null, null])
  assert.match(noisy.why, /leaves \d\d % of the steps' variance unexplained/)
  const bent = lastOf(framesOf(runOf(([x]) => [x! - 0.05 * x! ** 3], [1], 400)))
  assert.is(bent.verdict, 'insufficient')
  assert.match(bent.why, /not white noise: residuals/)
  const short = lastOf(framesOf(runOf(([x]) => [0.9 * x! + 1e-3 * normal()], [1], 40)))
  assert.match(short.why, /39 steps are too few to test what a linear map leaves over/)
})

residuals.run()

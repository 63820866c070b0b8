import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { axesOf, meanSquares } from '../../../src/stages/cmd/law.ts'
import type { CmdValues } from '../../../src/stages/cmd/spec.ts'
import { independent, rules } from '../../evidence/modes/noise.ts'
import { analyseRecording } from '../harness.ts'
import { follow, gaussian } from './walks.ts'

const chance = suite('what chance explains')

const figures = (deltas: readonly Float32Array[], options: Parameters<typeof cmd>[0] = {}) =>
  analyseRecording({ deltas: [deltas] }, cmd(options)).summaries.at(-1)!
    .values as unknown as CmdValues

chance('has mean squares that a million draws have', () => {
  const axes = { variances: [0.5, 0.2, 0.1, 0.02], rest: 0.18 }
  const normal = gaussian(3)
  const sums = [0, 0, 0, 0]
  const draws = 1e6
  for (let i = 0; i < draws; i++) {
    const squares = axes.variances.map((variance) => variance * normal() ** 2)
    const size = squares.reduce((sum, square) => sum + square, axes.rest)
    squares.forEach((square, k) => {
      sums[k]! += square / size / draws
    })
  }
  const { variances, rest } = meanSquares(axes)
  variances.forEach((own, k) => {
    assert.ok(Math.abs(own - sums[k]!) < 1e-3, `axis ${k}: ${own}, drawn ${sums[k]}`)
  })
  const total = variances.reduce((sum, own) => sum + own, rest)
  assert.ok(Math.abs(total - 1) < 1e-5, `${total} in all`)
})

for (const squares of [[0.6, 0.3, 0.05], [0.97, 0.02, 0.01], [0.4, 0.3, 0.2, 0.1, 0], [1]]) {
  chance(`is drawn with the mean squares ${squares} that were found`, () => {
    const axes = axesOf(squares)
    const { variances, rest } = meanSquares(axes)
    assert.is(variances.length, squares.filter((square) => square > 0).length)
    const errors = variances.map((own, k) => Math.abs(own - squares[k]!))
    assert.ok(Math.max(...errors) < 2e-3, `${variances}`)
    const left = 1 - squares.reduce((sum, square) => sum + square, 0)
    assert.ok(Math.abs(rest - left) < 2e-3, `rest ${rest}, asked ${left}`)
  })
}

for (const [name, rule] of Object.entries(rules)) {
  chance(`is all that modes explain of independent weights under ${name} steps`, () => {
    for (const seed of [1, 2, 3]) {
      const deltas = independent(rule, { steps: 128, rows: 1000, spread: 0.5, seed })
      const { explained, explainedNull, explainedNullError, grouping } = figures(deltas, { seed })
      assert.is(grouping, 'chance')
      const off = explained - explainedNull
      assert.ok(Math.abs(off) < 3.7 * explainedNullError, `${explained}, ${explainedNull}`)
      assert.ok(Math.abs(off) < 0.03, `off by ${off}`)
    }
  })
}

/** Weights along ten clocks, each alone or all mixed at random, and as much noise of their own. */
function clocked(mixed: boolean) {
  const normal = gaussian(7)
  const walks = Array.from({ length: 10 }, () => {
    let at = 0
    return Float64Array.from({ length: 161 }, () => {
      at += normal()
      return at
    })
  })
  const rows = 2000
  const parts = Array.from({ length: rows }, (_, i) =>
    walks.map((_, k) => (mixed ? normal() : Number(i % 10 === k)))
  )
  return follow(160, rows, (i, t) =>
    walks.reduce((sum, walk, k) => sum + parts[i]![k]! * walk[t]!, normal())
  ).deltas
}

chance('explains less than weights that have groups', () => {
  const { grouping, explained, explainedNull } = figures(clocked(false), { columns: 12 })
  assert.is(grouping, 'groups')
  assert.ok(explained > explainedNull + 0.1, `${explained}, ${explainedNull}`)
})

chance('explains as much as weights that mix the same movements', () => {
  const { grouping, explained, explainedNull } = figures(clocked(true), { columns: 12 })
  assert.is(grouping, 'chance')
  assert.ok(Math.abs(explained - explainedNull) < 0.03, `${explained}, ${explainedNull}`)
})

chance.run()

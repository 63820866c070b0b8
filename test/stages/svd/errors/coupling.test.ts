import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Limits } from '../../../../src/stages/svd/errors/bounds.ts'
import { couplingAfter, isWeak } from '../../../../src/stages/svd/errors/coupling.ts'
import { estimatedError } from '../../../../src/stages/svd/errors/missing.ts'
import { gaussian } from '../../cmd/walks.ts'

const coupling = suite('what rounding couples')

const limits = (more: Partial<Limits>): Limits => ({
  columns: 4,
  rows: 100,
  storageBytes: 4,
  single: false,
  ...more,
})

coupling('is at most what the bound carries over, for columns that are rounded', () => {
  const normal = gaussian(3)
  for (let run = 0; run < 200; run++) {
    // Two columns, nearly at right angles; `error` is what BᵀB lacks of a diagonal.
    const [long, short, error] = [1, 10 ** -(run % 5), 10 ** -(3 + (run % 4))]
    const columns = [
      [long, 0, 0],
      [error / long / 2, Math.sqrt(Math.max(0, short - (error / long / 2) ** 2)), 0],
    ]
    const size = 10 ** -(2 + (run % 7))
    const moves = columns.map((column) => column.map(() => size * normal()))
    const rounded = Math.sqrt(moves.flat().reduce((sum, v) => sum + v * v, 0))
    const after = columns.map((column, i) => column.map((v, k) => v + moves[i]![k]!))
    const dot = (a: number[], b: number[]): number => a.reduce((sum, v, k) => sum + v * b[k]!, 0)
    const [a, b] = after as [number[], number[]]
    const f = [dot(a, a) - long ** 2, dot(a, b), dot(b, b) - short] as const
    const middle = (f[0] + f[2]) / 2
    const norm = Math.abs(middle) + Math.hypot((f[0] - f[2]) / 2, f[1])
    const bound = couplingAfter(long ** 2, error, rounded)
    assert.ok(norm <= bound * (1 + 1e-9), `run ${run}: ‖F‖ = ${norm}, bound ${bound}`)
  }
  assert.is(couplingAfter(4, 1, 0.5), 1 + Math.sqrt(5) + 0.25)
})

coupling('is weak below a share of the smallest square that is reported', () => {
  const squares = Float64Array.of(9, 4, 1, 0.1)
  const weak = (value: number, rank: number, single = false, kept = 4) =>
    isWeak(value, squares, kept, rank, limits({ single }))
  assert.ok(weak(2 ** -10, 3) && !weak(1.01 * 2 ** -10, 3))
  assert.ok(weak(2 ** -7, 3, true) && !weak(1.01 * 2 ** -7, 3, true))
  assert.ok(weak(4 * 2 ** -10, 2) && !weak(4 * 2 ** -10, 3))
  assert.not.ok(weak(0, 3, false, 2), 'fewer are kept than reported')
})

coupling('the estimate of an error adds up what is lacking, blurred and drifted', () => {
  const state = {
    squares: Float64Array.of(4, 1, 0, 0),
    missing: Float64Array.of(0.41, 0, 0, 0),
    blurred: Float64Array.of(0.84, 0, 0, 0),
    kept: 2,
    blocks: 25,
  } as unknown as Parameters<typeof estimatedError>[0]
  const near = (value: number, expected: number) =>
    assert.ok(Math.abs(value - expected) < 1e-14, `${value}, expected ${expected}`)
  near(estimatedError(state, 0, limits({})), 0.1 + 0.2)
  near(estimatedError(state, 1, limits({})), 0)
  const drift = estimatedError(state, 1, limits({ storageBytes: 8 }))
  assert.is(drift, 16 * 2 ** -53 * 1 * 5)
  assert.is(estimatedError(state, 2, limits({})), 0)
})

coupling.run()

// What stages say that they spend, against a count by hand: a multiply-add is two flops, and what a block of 16 does once is a
// sixteenth. One matrix of 512 x 512.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSettings } from '../../src/engine/settings/parse.ts'
import {
  cmd,
  edge,
  ftle,
  health,
  koopman,
  path,
  phases,
  spectrum,
  stability,
  svd,
} from '../../src/index.ts'
import { explain, openOfSize } from '../../src/node/cli/explain.ts'
import type { StageValue } from '../../src/stage/define.ts'

const side = 512
const rows = side * side
const costs = suite('what stages spend')

function explained(members: number, ...stages: readonly StageValue[]) {
  return explain(openOfSize(rows, members), parseSettings({ block: 16 }, stages, [], 'test'))
}

for (const [stage, flops, bytes] of [
  // Two squares a weight and step, and the weight's own once a block; a column is read, and four more once a block.
  [health(), 4 + 2 + 4 / 16, 4 + 18 / 16],
  // The Gram matrix of [B X] without BᵀB, and 16 of 48 columns times 32 coefficients; B is read twice and written.
  [svd({ walks: false }), (48 * 48 - 32 * 32 + 2 * 16 * 32) / 16, 2 * 4 + (3 * 32 * 4) / 16],
  // In the reference mode all products, a whole rotation, and f64.
  [svd({ walks: false, storage: 'f64' }), (48 * 48 + 2 * 48 * 32) / 16, 2 * 8 + (3 * 32 * 8) / 16],
  // The same of eight columns, and ten modes measured against each weight.
  [cmd(), (24 * 24 + 2 * 24 * 8 + 2 * 10 * 8) / 16, 2 * 4 + (16 + 32 + 1 + 16 * 8) / 16],
  // Its null is a sketch of 65,536 rows, a quarter as many.
  [path(), (1.25 * 6) / 16, (1.25 * 20) / 16],
] as const) {
  costs(`${stage.definition.type}, by weight and step`, () => {
    const [work] = explained(1, stage).cost
    assert.is(work!.flops, flops * rows)
    assert.is(work!.bytes, bytes * rows)
  })
}

costs('ftle, by members', () => {
  const of = (members: number) => explained(members, ftle()).cost[0]!
  assert.is(of(1).flops, 0)
  assert.is(of(1).bytes, 0)
  assert.is(of(2).flops, (1 * 7 + 2) * rows)
  assert.is(of(2).bytes, (2 * 4 + (8 + 12) / 16) * rows)
  assert.is(of(3).flops, (2 * 8 + 2) * rows)
  assert.is(of(3).bytes, (3 * 4 + (16 + 12) / 16) * rows)
})

costs('ftle, by tangents, whose inner products are with the step too', () => {
  const [work] = explained(1, ftle({ method: 'tangent', tangents: 3 })).cost
  assert.is(work!.flops, 2 * (1 + 2 + 3 + 4) * rows)
  assert.is(work!.bytes, 4 * 4 * rows)
})

costs('a factor that koopman reads is turned whole, and so is its null of 65,536 rows', () => {
  const [work, read] = explained(1, svd({ walks: false }), koopman({ on: 'svd' })).cost
  assert.is(work!.flops, ((48 * 48 + 2 * 48 * 32) / 16) * (rows + 65_536))
  assert.is(read!.flops, 0)
})

const gram = side ** 3
const eigenvalues = (4 / 3) * side ** 3
for (const [stage, flops, bytes] of [
  // A polar factor takes the Gram matrix, its eigenvalues and twelve steps of three products: of the matrix and of two draws.
  [stability(), 3 * (37 * gram + eigenvalues) + 2 * gram + eigenvalues, 3 * 3 * 12 * 4 * rows],
  [spectrum(), gram + eigenvalues + 2 * 16 * rows, 16 * rows + (16 / 3) * side ** 3],
  [phases(), gram + eigenvalues + 12 * rows, 48 * rows],
  [edge(), 4 * rows, 24 * rows],
] as const) {
  costs(`${stage.definition.type}, by look`, () => {
    const { cost, looks } = explained(1, stage)
    const [look] = looks
    assert.ok(Math.abs(look!.flops - flops) < 1e-6 * flops, `${look!.flops} flops, not ${flops}`)
    assert.ok(Math.abs(look!.bytes - bytes) < 1e-6 * bytes, `${look!.bytes} bytes, not ${bytes}`)
    const between =
      stage.definition.type === 'edge'
        ? { flops: 6 * rows, bytes: 4 * rows }
        : { flops: 0, bytes: 0 }
    assert.ok(
      Math.abs(cost[0]!.flops - between.flops - flops / 100) < 1,
      'one step of a hundred looks'
    )
    assert.ok(Math.abs(cost[0]!.bytes - between.bytes - bytes / 100) < 1)
  })
}

costs.run()

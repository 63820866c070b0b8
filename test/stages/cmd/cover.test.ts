import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { findCover } from '../../../src/stages/cmd/cover.ts'
import { layCover, sharesOf } from '../../../src/stages/cmd/coverage.ts'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { type KnownRows, lineOf } from '../../../src/stages/cmd/sample.ts'
import type { CmdOptions, CmdValues } from '../../../src/stages/cmd/spec.ts'
import { analyseRecording } from '../harness.ts'
import { gaussian, walk } from './walks.ts'

const cover = suite('the choice of references')

/** A row of B on the unit sphere. */
function unit(values: readonly number[]): number[] {
  const norm = Math.hypot(...values)
  return values.map((value) => value / norm)
}

function known(rows: readonly { row: number; energy?: number; b: readonly number[] }[]): KnownRows {
  const kept = rows[0]?.b.length ?? 4
  const table = rows.flatMap(({ row, energy = 1, b }) => [row, energy, 0, 0, ...b])
  assert.is(table.length, rows.length * lineOf({ kept }))
  return { count: rows.length, kept, table: Float64Array.from(table) }
}

function choose(drawn: KnownRows, current: KnownRows, own: Partial<CmdOptions> = {}) {
  const options = { modes: 4, samples: drawn.count, columns: 4, ...own } as CmdOptions
  const arena = new Arena(layCover(0, options).end + 64, 'base')
  const scratch = layCover(arena.take(0), options)
  return findCover(arena, scratch, options, drawn, sharesOf(drawn, 1, scratch), current)
}

/** `count` rows near each of four axes. */
function axes(count: number, spread: number, seed = 1) {
  const normal = gaussian(seed)
  return Array.from({ length: 4 * count }, (_, i) => {
    const b = unit(Array.from({ length: 4 }, (_, k) => Number(k === i % 4) + spread * normal()))
    return { row: i, b: i % 3 ? b : b.map((value) => -value) }
  })
}

cover('takes one of each kind, whichever way it points', () => {
  const { rows, scatter } = choose(known(axes(40, 0.2)), known([]))
  assert.equal([...rows].map((row) => row % 4).sort(), [0, 1, 2, 3])
  assert.ok(scatter > 0 && scatter < 0.02, `${scatter}`)
})

cover('keeps references that are as good as others, each in its place', () => {
  const rows = axes(40, 0.02)
  const current = [42, 7, 12, 101].map((row) => rows[row]!)
  assert.equal([...choose(known(rows), known(current)).rows], [42, 7, 12, 101])
})

cover('replaces in its place a reference that has become useless, or stands still', () => {
  const rows = axes(40, 0.02)
  const mixed = { row: 999, b: unit([1, 1, 1, 1]) }
  const still = { row: 12, energy: 0, b: [0, 0, 0, 0] }
  const kinds = (third: (typeof rows)[number]): number[] => {
    const current = [rows[42]!, rows[7]!, third, rows[101]!]
    return [...choose(known(rows), known(current)).rows].map((row) => row % 4)
  }
  assert.equal(kinds(mixed), [2, 3, 0, 1])
  assert.equal([...kinds(still)].sort(), [0, 1, 2, 3])
})

cover('adds no reference that nobody needs', () => {
  const rows = axes(40, 0)
  assert.is(choose(known(rows.filter((_, i) => i % 4 < 2)), known([])).rows.length, 2)
  assert.is(choose(known(rows), known([]), { modes: 10 }).rows.length, 4)
})

cover('is as good as the best of all sets where these can be tried', () => {
  const normal = gaussian(8)
  const rows = Array.from({ length: 24 }, (_, row) => ({
    row,
    b: unit(Array.from({ length: 4 }, normal)),
  }))
  const squares = rows.map(({ b }) =>
    rows.map(({ b: other }) => b.reduce((sum, value, k) => sum + value * other[k]!, 0) ** 2)
  )
  const value = (set: readonly number[]): number =>
    squares.reduce((sum, row) => sum + Math.max(...set.map((c) => row[c]!)), 0)
  let best = 0
  for (let a = 0; a < 24; a++)
    for (let b = 0; b < a; b++) for (let c = 0; c < b; c++) best = Math.max(best, value([a, b, c]))
  const { rows: found } = choose(known(rows), known([]), { modes: 3 })
  assert.ok(value([...found]) > 0.98 * best, `${value([...found])} of ${best}`)
})

cover('scatters over seeds by what it says', () => {
  const { deltas } = walk(128, 3000, 4)
  const values = Array.from({ length: 16 }, (_, seed) => {
    const stage = cmd({ seed, samples: 200 })
    return analyseRecording({ deltas: [deltas] }, stage, { block: 64 }).summaries.at(-1)!
      .values as unknown as CmdValues
  })
  const explained = values.map((own) => own.explained)
  const mean = explained.reduce((sum, own) => sum + own / 16, 0)
  const scatter = Math.sqrt(explained.reduce((sum, own) => sum + (own - mean) ** 2 / 15, 0))
  const said = Math.sqrt(values.reduce((sum, own) => sum + own.explainedError ** 2 / 16, 0))
  assert.ok(said > 0.6 * scatter && said < 3 * scatter, `${said} for ${scatter}`)
})

cover.run()

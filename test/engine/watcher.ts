// A stage that notes what it is shown, and runs that it watches.
import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { AnalysedBlock, Summary } from '../../src/engine/summary.ts'
import { sumsBytes, TileSums } from '../../src/kernels/sums.ts'
import { scalar } from '../../src/spec/figures.ts'
import type { Block } from '../../src/stage/block.ts'
import { defineStage } from '../../src/stage/define.ts'
import { tileRows } from '../../src/stage/scope.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { bytes, random } from './frames.ts'

export interface Seen {
  steps: readonly number[]
  present: boolean[]
  breaks: boolean[]
  sure: boolean[]
  columns: number[][]
  positions: number[]
  separation: number[]
  commit: boolean
}

/** A stage of one's own in TypeScript: notes what it is shown and sums the squares of the columns. */
export function watcher(seen: Seen[], member = 0) {
  return defineStage({
    type: 'watcher',
    summary: 'Notes what it is shown.',
    asks: 'What is there?',
    options: {},
    figures: { energy: scalar({ title: 'Energy', means: 'All squares.' }) },
    says: () => [],
    needs: () => ({ members: member > 0 ? [0, member] : [0], separations: member > 0 }),
    plan: ({ scope }) => ({ header: 8, perTile: 0, scratch: sumsBytes(scope.tiles, 2) }),
    start: ({ arena, scope, scratch, header, shape }) => ({
      *step(block: Block, mode) {
        const own = block.of(member)
        const sums = new TileSums(arena, scratch, scope, 2)
        const read = (address: number, rows: number): number[] =>
          Array.from(shape.elementBytes === 8 ? arena.f64(address, rows) : arena.f32(address, rows))
        const note: Seen = {
          steps: block.steps,
          present: own.marks.map((mark) => mark.present),
          breaks: own.marks.map((mark) => mark.breaks),
          sure: own.marks.map((mark) => mark.sure),
          columns: own.marks.map(() => []),
          positions: [],
          separation: [],
          commit: mode.commit,
        }
        for (const { tile, tiles, index } of scope.segments) {
          const rows = tiles * tileRows
          const row = tile * tileRows
          own.marks.forEach((_, j) => {
            const address = own.pointer + j * own.stride + row * own.elementBytes
            note.columns[j]!.push(...read(address, rows))
          })
          const high = arena.f32(block.positions.high + row * 4, rows)
          const low = arena.f32(block.positions.low + row * 4, rows)
          note.positions.push(...Array.from(high, (value, i) => value + low[i]!))
          if (own.separation) note.separation.push(...arena.f64(own.separation + row * 8, rows))
          for (let t = 0; t < tiles; t++) {
            const slot = sums.slot()
            own.marks.forEach((_, j) => {
              const first = own.pointer + j * own.stride + (tile + t) * tileRows * own.elementBytes
              for (const value of read(first, tileRows)) slot[1]! += value * value
            })
            sums.push(index + t)
          }
        }
        const { add } = yield { add: sums.partial(scope.to) }
        if (note.columns.length > 0 || !mode.commit) seen.push(note)
        const total = arena.f64(header, 1)
        total[0]! += add[1]!
        return { values: { energy: total[0]! } }
      },
    }),
  })()
}

export function analysed(frames: Frame[], options: AnalyseOptions, seen: Seen[] = [], member = 0) {
  const blocks: AnalysedBlock[] = []
  let error: unknown
  from(frames)
    .pipe(analyse({ block: 4, ...options }, watcher(seen, member)))
    .subscribe({ next: (block) => blocks.push(block), error: (e: unknown) => (error = e) })
  const summaries = blocks.flatMap((block) => block.summaries)
  return { blocks, summaries, error, seen }
}

export const last = (summaries: readonly Summary[], stage: string): Summary =>
  summaries.filter((summary) => summary.stage === stage).at(-1)!

export const shapes = [
  { name: 'a.kernel', shape: [30, 20] },
  { name: 'a.bias', shape: [5] },
]

/** Deltas of 605 elements, exactly representable so that sums are exact. */
export function steps(count: number, seed = 1): number[][] {
  const next = random(seed)
  return Array.from({ length: count }, () =>
    Array.from({ length: 605 }, () => Math.round(next() * 1024) / 1024)
  )
}
export const split = (values: number[]): Uint8Array[] => [
  bytes(values.slice(0, 600)),
  bytes(values.slice(600)),
]
export const padded = (values: number[]): number[] => {
  const out = new Array<number>(4 * tileRows).fill(0)
  values.forEach((value, i) => {
    out[i < 600 ? i : 3 * tileRows + i - 600] = value
  })
  return out
}
export const sumOf = (rows: number[][]): number[] =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0))

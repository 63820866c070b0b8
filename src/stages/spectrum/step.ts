import {
  type Block,
  fromOwner,
  isOwner,
  type Mode,
  type Outcome,
  openHeader,
  type StageContext,
  type Step,
} from '../../stage/index.ts'
import { layScratch, spectrumMatrix, vectorBytes } from './layout.ts'
import { lookAt, nullTails } from './look.ts'
import { figuresOf } from './report.ts'
import type { SpectrumOptions, spectrumFigures } from './spec.ts'
import { lookLists, lookWords, nullWords, type SpectrumState, stateShape } from './state.ts'

type SpectrumStep = (
  block: Block,
  mode: Mode<typeof spectrumFigures>
) => Step<Outcome<typeof spectrumFigures>>

export function spectrumStep(context: StageContext<SpectrumOptions>): SpectrumStep {
  const { arena, options, scope, shape } = context
  const matrix = spectrumMatrix(shape, options)
  const state = openHeader(arena, context.header, stateShape(matrix))

  return function* step(block, { looks, commit, report }) {
    if (matrix) {
      const scratch = layScratch(context.scratch, matrix)
      const looker = { arena, options, scope, matrix, scratch }
      const lists = Object.entries(lookLists(matrix.rank))
      const length = lists.reduce((sum, [, own]) => sum + own, lookWords.length + nullWords.length)
      let last = context.rows
      for (const [i, { column, step }] of looks.entries()) {
        const now = scratch.peek[i % 2]!
        const isFirst = state.looks === 0
        const before = isFirst ? undefined : last
        const found = yield* fromOwner(scope, length, () => {
          // The null's vectors go to the place of the next look's vectors.
          const tails = isFirst && !matrix.krylov ? nullTails(looker) : state
          const own = lookAt(looker, block, column, before, now)
          return [
            ...lookWords.map((name) => own[name]),
            ...nullWords.map((name) => tails[name]),
            ...lists.flatMap(([name]) => Array.from(own[name as 'values'])),
          ]
        })
        last = now
        takeFound(state, found, lists)
        state.looks++
        state.lookedAt = step
      }
      if (commit && looks.length > 0 && isOwner(scope)) {
        arena.copy(last, context.rows, vectorBytes(matrix))
      }
    }
    return report ? { values: figuresOf(state, matrix, options) } : {}
  }
}

function takeFound(
  state: SpectrumState,
  found: Float64Array,
  lists: readonly (readonly [string, number])[]
): void {
  const words = [...lookWords, ...nullWords]
  words.forEach((name, i) => {
    state[name] = found[i]!
  })
  let at = words.length
  for (const [name, length] of lists) {
    state[name as 'values'].set(found.subarray(at, at + length))
    at += length
  }
}

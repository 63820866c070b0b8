import {
  defineStage,
  expectPositions,
  factorPort,
  gramPort,
  headerBytes,
  problem,
} from '../../stage/index.ts'
import { columnsOf, factorLayout } from './layout.ts'
import { hasWalks, nullBytes, nullScratch } from './null.ts'
import { scratchBytes } from './rows.ts'
import { says, svdFigures, svdOptions } from './spec.ts'
import { stateShape } from './state.ts'
import { svdInstance } from './step.ts'
import { isLarge } from './storing/store.ts'

const sketching = { auto: 'when-too-large', basis: 'never', sketch: 'always' } as const

/** Singular values and directions of the deltas (or positions), with live bounds; README.md has the mathematics. */
export const svd = defineStage({
  type: 'svd',
  summary: 'Incremental singular value decomposition of the deltas, with rigorous live bounds.',
  asks: 'In how few directions do the weights move?',
  options: svdOptions,
  figures: svdFigures,
  says,
  ports: { factor: factorPort, gram: gramPort },
  offers: (options, block) => {
    const { rank, of, forget } = options
    const { columns, storageBytes } = factorLayout(options, block)
    return { factor: { of, forget, columns, storageBytes }, gram: { rank, columns, storageBytes } }
  },
  check: (options) => {
    const columns = columnsOf(options)
    if (options.rank > columns) {
      const message = `rank ${options.rank} exceeds columns ${columns}. Raise "columns" or lower "rank".`
      return [{ ...problem(['rank'], message), code: 'E_RANK' }]
    }
    return []
  },
  needs: (options, _open, member) => {
    if (options.of === 'positions') expectPositions('svd', member)
    return { statistics: hasWalks(options), double: options.storage === 'f64' }
  },
  sketching: ({ tier }) => sketching[tier],
  smallest: (options, block) => 4 * (columnsOf(options) + block),
  shrink: (options) => {
    const rank = Math.floor(options.rank / 2)
    return rank >= 2 ? { rank, columns: Math.floor(columnsOf(options) / 2) } : undefined
  },
  plan: ({ scope, block, isNull }, options) => {
    const { columns, perTile } = factorLayout(options, block)
    return {
      header: headerBytes(stateShape(columns)) + (isNull ? 0 : nullBytes(scope, options)),
      perTile,
      scratch:
        scratchBytes(scope.tiles, block, options) +
        (isNull ? 0 : nullScratch(scope, options, block)),
    }
  },
  cost: ({ scope, block, elementBytes, read }, options) => {
    const { columns, storageBytes } = factorLayout(options, block)
    const size = columns + block
    // Products of the factor's columns are seldom formed, and large factors of deltas are seldom turned, except in the reference mode and
    // if the factor is read.
    const isLoose = storageBytes === 4 && read.length === 0
    const known = isLoose ? columns : 0
    const isEliminated =
      isLoose &&
      options.of === 'deltas' &&
      elementBytes === 4 &&
      isLarge(scope.rows, size, columns, false)
    const turned = isEliminated ? block : size
    return {
      flops: (size * size - known * known + 2 * turned * columns) / block,
      bytes: elementBytes * 2 + (3 * columns * storageBytes) / block,
    }
  },
  start: svdInstance,
})

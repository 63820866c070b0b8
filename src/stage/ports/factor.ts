import { definePort } from './port.ts'

export interface FactorFacts {
  /** What is decomposed: the deltas unchanged, or the centred positions. */
  readonly of: 'deltas' | 'positions'
  /** Factor by which earlier columns fade with each step. */
  readonly forget: number
  /** Number of columns that there is room for. */
  readonly columns: number
  readonly storageBytes: 4 | 8
}

/**
 * The factor B of a decomposition of a scope's rows: orthogonal columns, largest first, of all full blocks so far. Column i of the
 * scope's tile t, counted from `scope.from`, begins `(t * room + i) * tileRows` elements after `pointer`.
 */
export interface Factor {
  readonly pointer: number
  readonly storageBytes: 4 | 8
  readonly room: number
  /** Columns in use. */
  readonly kept: number
}

export const factorPort = definePort<FactorFacts, Factor>({
  name: 'factor',
  means: 'Orthogonal columns that hold most of the movement of every row.',
})

import type { Header } from '../../stage/index.ts'

/** The small state of the decomposition: what it knows of A, the matrix of all columns, beside the factor B. */
export type SvdState = Header<ReturnType<typeof stateShape>>

/** Its layout in the header, the same on every shard, for a factor of `columns` columns. */
export const stateShape = (columns: number) => ({
  words: [
    /** Columns of B in use; later stages find them here too (`../factor.ts`). */
    'kept',
    /** Columns of A. */
    'seen',
    /** ‖A‖²_F. */
    'energy',
    /** δ², the sum over blocks of the largest eigenvalue left out. */
    'discarded',
    /** Blocks that went into B. */
    'blocks',
    /** ρ, what rounding can have moved A by in all (Frobenius). */
    'rounding',
    /** max |UᵀU - I| of B when BᵀB was last formed. */
    'orthogonality',
    /** Bound of ‖BᵀB - diag(squares)‖₂, what rounding has made of B's orthogonality. */
    'coupling',
    /** Blocks stored by elimination since the last rotation: where there are any, B is what is stored times `basis`. */
    'eliminated',
    /** What rounding can have moved the last block's eigenvalues by. */
    'error',
    /** Sums over pairs of columns: squared inner products of what was left out of them, and the products of its squares. */
    'overlaps',
    'products',
    /** Of positions: the sum of the columns' weights, which fade with age. */
    'weight',
  ] as const,
  lists: {
    /** σ̂², the squared norms of B's columns, largest first; beyond `kept` those that were cut as noise. */
    squares: columns,
    /** Bounds of the squared norms of the stored columns: `squares` where these are B's. */
    lengths: columns,
    /** W, `columns` x `columns` by rows. */
    basis: columns * columns,
    /** Estimated energy that A has and B lacks along each column of B. */
    missing: columns,
    /** Estimated square of what rounding has made of each column of B, and what it has moved the eigenvalue by. */
    stored: columns,
    blurred: columns,
  },
})

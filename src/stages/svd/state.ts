import type { Header } from '../../stage/index.ts'

/** The small state of the decomposition: what it knows about A, the matrix of all columns, apart from the factor B. */
export type SvdState = Header<ReturnType<typeof stateShape>>

/** Its layout in the header, the same on every shard, for a factor of `columns` columns. */
export const stateShape = (columns: number) => ({
  words: [
    /** Number of columns of B in use; later stages also find it here (`../factor.ts`). */
    'kept',
    /** Number of columns of A. */
    'seen',
    /** ‖A‖²_F. */
    'energy',
    /** δ², the sum over blocks of the largest eigenvalue that is left out. */
    'discarded',
    /** Number of blocks that went into B. */
    'blocks',
    /** ρ, a bound of what all rounding has changed in A (Frobenius). */
    'rounding',
    /** max |UᵀU - I| of B when BᵀB was last formed. */
    'orthogonality',
    /** Bound of ‖BᵀB - diag(squares)‖₂, the effect of rounding on the orthogonality of B. */
    'coupling',
    /** Blocks stored by elimination since the last rotation: if there are any, B is the stored columns times `basis`. */
    'eliminated',
    /** Bound of the error of the last block's eigenvalues by rounding. */
    'error',
    /** Sums over pairs of columns: squared inner products of their left-out parts, and products of the squared norms of these. */
    'overlaps',
    'products',
    /** For positions: the sum of the columns' weights, which fade with age. */
    'weight',
  ] as const,
  lists: {
    /** σ̂², the squared norms of B's columns, largest first; beyond `kept`, those that were cut as noise. */
    squares: columns,
    /** Bounds of the squared norms of the stored columns; equal to `squares` if the columns of B are stored. */
    lengths: columns,
    /** W, `columns` x `columns` by rows. */
    basis: columns * columns,
    /** Estimated energy that A has and B lacks along each column of B. */
    missing: columns,
    /** Estimated square of the effect of rounding on each column of B, and of its effect on the eigenvalue. */
    stored: columns,
    blurred: columns,
  },
})

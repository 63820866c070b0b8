/** Rows in a tile, the unit of kernels and sums. Shards are cut between tiles. */
export const tileRows = 256

/** A tensor among those that share rows. Its element e is their row `first + e`. */
export interface ScopePart {
  readonly index: number
  readonly name: string
  readonly first: number
}

/**
 * A tensor's place in a scope. It begins at a tile, and its last tile is padded with zero rows. If very many tensors of less than a
 * tile share all their scopes, they form one such place together, under the index of the first. In a sketch, all tensors that share
 * all their scopes do, and are folded to fewer rows.
 */
export interface ScopeTensor {
  /** Index in `open.tensors`. */
  readonly index: number
  readonly name: string
  /** Rows of this tensor in the scope: one per element, unless they are folded. */
  readonly rows: number
  /** Number of weights whose signed sums these rows are, if they are a sketch made by this run or by the producer. */
  readonly folded?: number
  /** First tile, in the scope's numbering. */
  readonly tile: number
  readonly tiles: number
  /** The tensors that share these rows unfolded, in order, if there are several. */
  readonly parts?: readonly ScopePart[]
}

/** The tensor that a row of a place belongs to, and the row's element in it. */
export function elementOf(
  { name, parts }: ScopeTensor,
  row: number
): { readonly tensor: string; readonly index: number } {
  const part = parts?.findLast(({ first }) => first <= row)
  return part ? { tensor: part.name, index: row - part.first } : { tensor: name, index: row }
}

/** What a stage sees of its rows, the same on every shard. */
export interface ScopeShape {
  /** `model`, `tensor:<name>` or `group:<name>`. */
  readonly name: string
  readonly tensors: readonly ScopeTensor[]
  /** Indices in `open.tensors` of all tensors in the scope, in order. */
  readonly indices: readonly number[]
  /** Number of weights that these tensors have or sketch. */
  readonly elements: number
  /** Number of rows without padding. It equals the number of weights, unless they are folded. */
  readonly rows: number
  readonly tiles: number
}

/** Consecutive tiles of a scope that are also consecutive in this shard's columns. */
export interface Segment {
  /** First tile in the shard's columns. Its rows begin `256 * tile` elements into a column. */
  readonly tile: number
  readonly tiles: number
  /** Number of the first tile in the scope. */
  readonly index: number
}

/** A shard's part of a scope: the tiles [from, to) of the scope's numbering. */
export interface Scope extends ScopeShape {
  readonly segments: readonly Segment[]
  readonly from: number
  readonly to: number
}

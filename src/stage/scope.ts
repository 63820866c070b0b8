/** Rows in a tile: what kernels walk, what sums are made of, and where shards may be cut. */
export const tileRows = 256

/** A tensor among those that share rows: its element e is row `first + e` of them. */
export interface ScopePart {
  readonly index: number
  readonly name: string
  readonly first: number
}

/**
 * A tensor's place in a scope: it begins at a tile and its last tile is padded with zero rows. Very many tensors of less
 * than a tile, which share all their scopes, are one such place together, under the index of the first. In a sketch all
 * tensors that share all their scopes are, and folded to fewer rows.
 */
export interface ScopeTensor {
  /** Index in `open.tensors`. */
  readonly index: number
  readonly name: string
  /** Rows of this tensor in the scope: its elements, if they are not folded. */
  readonly rows: number
  /** Weights whose signed sums these rows are, where they are a sketch, made here or by the producer. */
  readonly folded?: number
  /** First tile, in the scope's numbering. */
  readonly tile: number
  readonly tiles: number
  /** The tensors that share these rows unfolded, in their order, where there are several. */
  readonly parts?: readonly ScopePart[]
}

/** The tensor that a row of a place belongs to, and the element that it is. */
export function elementOf(
  { name, parts }: ScopeTensor,
  row: number
): { readonly tensor: string; readonly index: number } {
  const part = parts?.findLast(({ first }) => first <= row)
  return part ? { tensor: part.name, index: row - part.first } : { tensor: name, index: row }
}

/** What a stage sees of the rows it works on, the same on every shard. */
export interface ScopeShape {
  /** `model`, `tensor:<name>` or `group:<name>`. */
  readonly name: string
  readonly tensors: readonly ScopeTensor[]
  /** Indices in `open.tensors` of all that the scope holds, in order. */
  readonly indices: readonly number[]
  /** Weights that all these have, or stand for. */
  readonly elements: number
  /** Rows without padding: as many as weights, but where these are folded. */
  readonly rows: number
  readonly tiles: number
}

/** Consecutive tiles of a scope that are consecutive in this shard's columns too. */
export interface Segment {
  /** First tile in the shard's columns: its rows begin `256 * tile` elements into a column. */
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

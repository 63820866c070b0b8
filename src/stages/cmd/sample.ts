import { mix, type ScopeShape, type ScopeTensor, tileRows } from '../../stage/index.ts'

/** One weight of a scope: its tensor, its flat index there, and where its row lies in the scope. */
export interface Place {
  readonly tensor: ScopeTensor
  readonly index: number
  readonly tile: number
  readonly row: number
}

/**
 * The weights whose trajectories are clustered: half spread evenly over the tensors, half by their size, drawn without
 * replacement inside each (Turjeman et al. 2022); with more tensors than `count / 2`, plainly from all. A function of
 * the seed and the scope alone, so that every shard knows all of them. In the scope's order.
 */
export function samplePlaces(scope: ScopeShape, most: number, seed: number): Place[] {
  const { tensors, rows } = scope
  const count = samplesIn(scope, most)
  if (count < 2 * tensors.length) {
    let first = 0
    let tensor = 0
    return draw(rows, count, seed).map((row) => {
      while (row >= first + tensors[tensor]!.rows) first += tensors[tensor++]!.rows
      return place(tensors[tensor]!, row - first)
    })
  }
  const shares = allot(
    tensors.map((tensor) => tensor.rows),
    count
  )
  return tensors.flatMap((tensor, i) =>
    draw(tensor.rows, shares[i]!, hash(seed, tensor.index + 1)).map((index) => place(tensor, index))
  )
}

/** How many weights are sampled: a scope that has no more is followed whole. */
export function samplesIn({ rows }: ScopeShape, count: number): number {
  return Math.min(rows, count)
}

/** How many samples each of the tensors of these sizes gets; all of a scope that has no more than `count` rows. */
export function allot(rows: readonly number[], count: number): number[] {
  const total = rows.reduce((sum, n) => sum + n, 0)
  if (total <= count) return [...rows]
  const shares = rows.map((n) => {
    const even = Math.min(Math.floor(count / (2 * rows.length)), n)
    const bySize = Math.floor((n / total) * (count / 2))
    return even + bySize <= n ? even + bySize : even
  })
  for (let left = count - shares.reduce((sum, n) => sum + n, 0); left > 0; left--) {
    let least = -1
    shares.forEach((share, i) => {
      if (share < rows[i]! && (least < 0 || share < shares[least]!)) least = i
    })
    shares[least]!++
  }
  return shares
}

/** `count` of the numbers below `n`, ascending, every such set equally likely (Floyd's algorithm). */
function draw(n: number, count: number, seed: number): number[] {
  const drawn = new Set<number>()
  for (let last = n - count; last < n; last++) {
    const candidate = Math.floor(uniform(seed, last) * (last + 1))
    drawn.add(drawn.has(candidate) ? last : candidate)
  }
  return [...drawn].sort((a, b) => a - b)
}

function place(tensor: ScopeTensor, index: number): Place {
  const tile = tensor.tile + Math.floor(index / tileRows)
  return { tensor, index, tile, row: index % tileRows }
}

/** A number in [0, 1) with 53 bits, a function of seed and counter. */
function uniform(seed: number, counter: number): number {
  const high = hash(seed, counter)
  const low = hash(high ^ 0x9e3779b9, counter)
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53
}

/** MurmurHash3's finaliser over two words. */
function hash(a: number, b: number): number {
  return mix(a ^ mix(b))
}

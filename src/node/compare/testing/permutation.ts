import { Random } from '../../train/random.ts'

/** Most ways to deal runs to two groups that are gone through one by one; of more, so many are drawn. */
const mostExact = 100_000
const drawn = 9_999

export interface Permutation {
  /** Share of the ways to deal the runs to two groups that tell them apart as well as the real one. */
  readonly p: number
  /** The least p that so many runs can give. */
  readonly least: number
  readonly permutations: number
  /** Whether all ways were gone through. */
  readonly exact: boolean
}

/** Mean distances of the first `n` of all runs and the others. */
export interface Spread {
  readonly between: number
  /** Of two different runs of each side; NaN of a side with one run. */
  readonly within: readonly [number, number]
  /** By how much runs of different sides are further apart than runs of one, as far as that is known. */
  readonly excess: number
}

export function spreadOf(distances: Float64Array, total: number, n: number): Spread {
  const own = (from: number, to: number): number => {
    let sum = 0
    for (let i = from; i < to; i++) {
      for (let j = i + 1; j < to; j++) sum += distances[i * total + j]!
    }
    return sum / (((to - from) * (to - from - 1)) / 2)
  }
  let sum = 0
  for (let i = 0; i < n; i++) {
    for (let j = n; j < total; j++) sum += distances[i * total + j]!
  }
  const between = sum / (n * (total - n))
  const within = [own(0, n), own(n, total)] as const
  const known = within.filter((mean) => !Number.isNaN(mean))
  const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length)
  return { between, within, excess: between - mean }
}

/**
 * Tests whether the first `n` runs and the others come from one population, by permuting the runs: the statistic is the energy
 * distance of the groups (Székely and Rizzo 2013). Exact where all ways can be gone through. Under the null hypothesis p is
 * below a level in at most that share of cases, whatever the distances are.
 *
 * @param distances total x total, symmetric, with zeros on the diagonal
 * @param seed of the draws, where not all ways are gone through
 */
export function permutationTest(
  distances: Float64Array,
  total: number,
  n: number,
  seed: number
): Permutation {
  const ways = binomial(total, n)
  const observed = energy(
    distances,
    total,
    Array.from({ length: n }, (_, i) => i)
  )
  const enough = observed - 1e-12 * Math.abs(observed)
  let [reached, permutations] = [0, 0]
  const exact = ways <= mostExact
  const subsets = exact ? combinations(total, n) : draws(total, n, new Random(seed, 0))
  for (const subset of subsets) {
    permutations++
    if (energy(distances, total, subset) >= enough) reached++
  }
  if (!exact) {
    return { p: (reached + 1) / (drawn + 1), least: 1 / (drawn + 1), permutations, exact }
  }
  // Groups of one size change places without a change of the statistic.
  return { p: reached / ways, least: (2 * n === total ? 2 : 1) / ways, permutations, exact }
}

/** Runs a side, five at least, by which groups can differ at a level; undefined where no number is enough. */
export function enoughRuns(level: number): number | undefined {
  for (let n = 5; ; n++) {
    const ways = binomial(2 * n, n)
    if (ways > mostExact) return 1 / (drawn + 1) <= level ? n : undefined
    if (2 / ways <= level) return n
  }
}

function energy(distances: Float64Array, total: number, subset: readonly number[]): number {
  const isOwn = new Uint8Array(total)
  for (const i of subset) isOwn[i] = 1
  let [own, other, between] = [0, 0, 0]
  for (let i = 0; i < total; i++) {
    for (let j = i + 1; j < total; j++) {
      const distance = distances[i * total + j]!
      if (isOwn[i] !== isOwn[j]) between += distance
      else if (isOwn[i]) own += distance
      else other += distance
    }
  }
  const [n, m] = [subset.length, total - subset.length]
  return 2 * (between / (n * m) - own / (n * n) - other / (m * m))
}

function binomial(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= Math.min(k, n - k); i++) ways = Math.round((ways * (n - i + 1)) / i)
  return ways
}

/** All subsets of k of n, each array valid until the next. */
function* combinations(n: number, k: number): Generator<readonly number[]> {
  const subset = Array.from({ length: k }, (_, i) => i)
  for (;;) {
    yield subset
    let i = k - 1
    while (i >= 0 && subset[i] === n - k + i) i--
    if (i < 0) return
    subset[i]!++
    for (let j = i + 1; j < k; j++) subset[j] = subset[j - 1]! + 1
  }
}

function* draws(n: number, k: number, random: Random): Generator<readonly number[]> {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let d = 0; d < drawn; d++) {
    for (let i = 0; i < k; i++) {
      const j = i + Math.floor(random.uniform() * (n - i))
      ;[order[i], order[j]] = [order[j]!, order[i]!]
    }
    yield order.slice(0, k)
  }
}

import { Random } from '../../train/random.ts'

/** Up to this many ways of assigning runs to two groups are all tried. If there are more, `drawn` of them are drawn at random. */
const mostExact = 100_000
const drawn = 9_999

export interface Permutation {
  /** Share of the ways to assign the runs to two groups that separate them as well as the actual one. */
  readonly p: number
  /** The least p that is possible with this many runs. */
  readonly least: number
  readonly permutations: number
  /** Whether all ways were tried. */
  readonly exact: boolean
}

/** Mean distances between the first `n` of all runs and the others, and within both sides. */
export interface Spread {
  readonly between: number
  /** Mean distance between two different runs of each side. NaN for a side with one run. */
  readonly within: readonly [number, number]
  /** By how much the mean distance between the sides exceeds the distance within them, as far as that is known. */
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
 * Tests whether the first `n` runs and the others come from one population, by permuting the runs. The statistic is the energy
 * distance of the groups (Székely and Rizzo 2013). The test is exact if all permutations can be tried. Under the null hypothesis,
 * p is at or below a level in at most that share of cases, whatever the distances are.
 *
 * @param distances total x total, symmetric, with zeros on the diagonal
 * @param seed seed of the random permutations, if not all are tried
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
  // If both groups have the same size, exchanging them does not change the statistic.
  return { p: reached / ways, least: (2 * n === total ? 2 : 1) / ways, permutations, exact }
}

/** How many runs per side (at least five) are needed so that groups can differ at this level. Undefined if no number is enough. */
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

/** All subsets of k of n items. Each array is valid until the next one. */
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

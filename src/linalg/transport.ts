/** A smaller mass counts as zero. It is the rounding error of shares that add up to 1. */
const empty = 1e-12

/**
 * The smallest cost of moving mass from n places to m, given the mass at each place. This is exact optimal transport by successive
 * shortest paths with reduced costs (Ahuja, Magnanti and Orlin 1993, section 9.7). For some dozens of places.
 *
 * @param cost n x m by rows, finite and at least 0
 * @param from n masses, at least 0
 * @param to m masses with the same sum
 * @returns the sum of mass times cost
 */
export function transport(cost: Float64Array, from: Float64Array, to: Float64Array): number {
  const [n, m] = [from.length, to.length]
  const supply = Float64Array.from(from)
  const demand = Float64Array.from(to)
  const moved = new Float64Array(n * m)
  // Prices of sources, then of sinks. With them, the reduced cost of every arc that may carry more is at least 0.
  const price = new Float64Array(n + m)
  for (;;) {
    const { distance, before, end } = shortest(cost, supply, demand, moved, price)
    if (end < 0) break
    const reach = distance[end]!
    for (let v = 0; v < n + m; v++) price[v]! += Math.min(distance[v]!, reach)
    let amount = demand[end - n]!
    let start = end
    for (let v = end; before[v]! >= 0; v = before[v]!) {
      const u = before[v]!
      if (v < n) amount = Math.min(amount, moved[v * m + u - n]!)
      start = u
    }
    amount = Math.min(amount, supply[start]!)
    for (let v = end; before[v]! >= 0; v = before[v]!) {
      const u = before[v]!
      if (v < n) moved[v * m + u - n] = drained(moved[v * m + u - n]! - amount)
      else moved[u * m + v - n]! += amount
    }
    supply[start] = drained(supply[start]! - amount)
    demand[end - n] = drained(demand[end - n]! - amount)
  }
  return moved.reduce((sum, mass, at) => sum + mass * cost[at]!, 0)
}

const drained = (mass: number): number => (mass < empty ? 0 : mass)

/** Reduced distances from sources with mass left to the nearest sink that still needs mass: Dijkstra's algorithm on the dense graph. */
function shortest(
  cost: Float64Array,
  supply: Float64Array,
  demand: Float64Array,
  moved: Float64Array,
  price: Float64Array
) {
  const [n, m] = [supply.length, demand.length]
  const distance = new Float64Array(n + m).fill(Infinity)
  const before = new Int32Array(n + m).fill(-1)
  const done = new Uint8Array(n + m)
  for (let i = 0; i < n; i++) if (supply[i]! > 0) distance[i] = 0
  for (;;) {
    let u = -1
    for (let v = 0; v < n + m; v++) {
      if (!done[v] && distance[v]! < (u < 0 ? Infinity : distance[u]!)) u = v
    }
    if (u < 0 || (u >= n && demand[u - n]! > 0)) return { distance, before, end: u }
    done[u] = 1
    const others = u < n ? [n, n + m] : [0, n]
    for (let v = others[0]!; v < others[1]!; v++) {
      const [i, j] = u < n ? [u, v - n] : [v, u - n]
      if (done[v] || (u >= n && moved[i * m + j] === 0)) continue
      const along = u < n ? cost[i * m + j]! : -cost[i * m + j]!
      const reached = distance[u]! + Math.max(0, along + price[u]! - price[v]!)
      if (reached < distance[v]!) {
        distance[v] = reached
        before[v] = u
      }
    }
  }
}

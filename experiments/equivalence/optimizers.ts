/**
 * Two optimizers whose dynamics are the same in other coordinates, and a third whose are not (Redman et al. 2024, their section on
 * online optimization): online mirror descent and online gradient descent of f(x) = tan x_1 + tan x_2 on [0.01, 1]², and
 * bisection for its root, each from a grid of 25 starts.
 *
 * @module
 */

export type Optimizer = 'omd' | 'ogd' | 'bisection'

type Point = readonly [x: number, y: number]

const eta = 0.01
const [low, high] = [0.01, 1]
const slope = (x: number): number => 1 / Math.cos(x) ** 2
const clip = (value: number, from: number, to: number): number =>
  Math.min(to, Math.max(from, value))

/** By start, then by time: `steps` successive positions, the start among them. */
export function trajectories(name: Optimizer, steps = 100): Point[][] {
  return paths[name](steps)
}

const paths: Readonly<Record<Optimizer, (steps: number) => Point[][]>> = {
  /** With the barrier R(x) = -Σ ln x as a mirror. */
  omd: (steps) =>
    descents(steps, [0.1, 0.9], (x) => clip(-1 / (-1 / x - eta * slope(x)), low, high)),
  /** Of f(exp u), u = ln x. */
  ogd: (steps) =>
    descents(steps, [-2.3, -0.1], (u) =>
      clip(u - eta * slope(Math.exp(u)) * Math.exp(u), Math.log(low), Math.log(high))
    ),
  bisection: (steps) => {
    const lower = grid(-4 / 3, -1 / 3)
    const upper = grid(1 / 7, 8 / 7)
    return lower.map((from, i) => bisected(from, upper[i]!, steps))
  },
}

/** Paths whose two coordinates take the same step, each by itself. */
function descents(
  steps: number,
  [from, to]: readonly [from: number, to: number],
  step: (value: number) => number
): Point[][] {
  return grid(from, to).map((start) => {
    const path = [start]
    while (path.length < steps) {
      const [x, y] = path.at(-1)!
      path.push([step(x), step(y)])
    }
    return path
  })
}

/**
 * The middles of an interval that is halved, in both coordinates by the sign of f. Where f is 0 the search is over, and the
 * authors' arrays hold zeros from there on: the released eigenvalues have that jump in them, so it is taken over.
 */
function bisected(from: Point, to: Point, steps: number): Point[] {
  const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
  let [a, b] = [from, to]
  const path = [middle(a, b)]
  while (path.length < steps) {
    const z = path.at(-1)!
    const f = Math.tan(z[0]) + Math.tan(z[1])
    if (f === 0) break
    if (f < 0) a = z
    else b = z
    path.push(middle(a, b))
  }
  while (path.length < steps) path.push([0, 0])
  return path
}

/** Five by five points. */
function grid(from: number, to: number): Point[] {
  const axis = Array.from({ length: 5 }, (_, i) => from + ((to - from) * i) / 4)
  return axis.flatMap((x) => axis.map((y): Point => [x, y]))
}

/**
 * Two optimizers whose dynamics are the same in other coordinates (Redman et al. 2024, their section on online optimization): online mirror
 * descent and online gradient descent of f(x) = tan x_1 + tan x_2 on [0.01, 1]², from a grid of 25 starts.
 *
 * @module
 */

const eta = 0.01
const [low, high] = [0.01, 1]
const slope = (x: number): number => 1 / Math.cos(x) ** 2
const clip = (value: number, from: number, to: number): number =>
  Math.min(to, Math.max(from, value))

interface Optimizer {
  /** One step of one coordinate; both go the same way. */
  step(value: number): number
  /** First and last of five starts along each axis. */
  readonly starts: readonly [from: number, to: number]
}

export const optimizers: Readonly<Record<'omd' | 'ogd', Optimizer>> = {
  /** With the barrier R(x) = -Σ ln x as a mirror. */
  omd: { step: (x) => clip(-1 / (-1 / x - eta * slope(x)), low, high), starts: [0.1, 0.9] },
  /** Of f(exp u), u = ln x. */
  ogd: {
    step: (u) => clip(u - eta * slope(Math.exp(u)) * Math.exp(u), Math.log(low), Math.log(high)),
    starts: [-2.3, -0.1],
  },
}

/** By start, then by time: `steps` successive positions, the start among them. */
export function trajectories({ step, starts: [from, to] }: Optimizer, steps = 100): number[][][] {
  const axis = Array.from({ length: 5 }, (_, i) => from + ((to - from) * i) / 4)
  return axis.flatMap((x) =>
    axis.map((y) => {
      const path = [[x, y]]
      while (path.length < steps) path.push(path.at(-1)!.map(step))
      return path
    })
  )
}

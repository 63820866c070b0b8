// The same by tangent vectors, which are of no size: spread and lasting are left to tell.

import { type Advance, settled, simulate } from '../simulate.ts'
import { situations } from '../situation.ts'
import { count, curvatures, normals, uniform } from './maps.ts'

const sent =
  (map: Advance, start: (seed: number) => Float64Array, steps: number, settles = 0) =>
  (seed: number) =>
    simulate({
      map,
      start: settled(map, start(seed), settles),
      steps,
      sizes: [],
      follows: true,
      sendsTangent: true,
      seed,
    })

const henon: Advance = ([x, y]) => Float64Array.of(1 - 1.4 * x! * x! + y!, 0.3 * x!)
const logistic: Advance = ([q]) => Float64Array.of(3.7 * q! * (1 - q!), 1)
const bowl: Advance = (z, _t, draw) => {
  const shaken = draw(count)
  return z.map((v, i) => v - curvatures[i]! * v + 0.01 * shaken[i]!)
}
const saddle: Advance = (z) =>
  z.map((v, i) => (i === 0 ? v - 0.1 * (v ** 3 - v) : v * (1 - 0.1 * Math.min(curvatures[i]!, 1))))
const divergence: Advance = (z) => z.map((v, i) => v * (i === 0 ? -1.05 : 1 - curvatures[i]!))
const nonNormal: Advance = (z) => z.map((v, i) => 0.95 * v + (i < 12 ? 0.45 * z[i + 1]! : 0))
const turning: Advance = ([x, y]) => {
  const [c, s] = [Math.cos(0.4), Math.sin(0.4)]
  return Float64Array.of(c * x! - (s / 1.3) * y!, 1.3 * s * x! + c * y!)
}

const inBox = (seed: number): Float64Array => Float64Array.of(uniform(seed, 0.3, 0.6), 0.1)
const onPlane = (seed: number): Float64Array => Float64Array.of(uniform(seed, -0.1, 0.1), 0)
const tiny = (seed: number): Float64Array => {
  const start = normals(seed)
  start[0] = 1e-6
  return start
}

export const tangentSituations = [
  ...situations(
    { truth: 'chaos', right: 'chaotic', method: 'tangent' },
    {
      'henon, tangents': sent(henon, onPlane, 300, 300),
      'logistic 3.7, tangents': sent(logistic, inBox, 300, 300),
    }
  ),
  ...situations(
    { truth: 'contraction', right: 'contracting', method: 'tangent' },
    { 'quadratic with noise, tangents': sent(bowl, normals, 400) }
  ),
  ...situations(
    {
      truth: 'contraction',
      right: 'contracting insufficient expanding',
      isDecidable: false,
      method: 'tangent',
    },
    { 'non-normal, tangents': sent(nonNormal, normals, 600) }
  ),
  ...situations(
    { truth: 'other', right: 'expanding insufficient diverging contracting', method: 'tangent' },
    { 'saddle, tangents': sent(saddle, tiny, 400) }
  ),
  ...situations(
    { truth: 'other', right: 'expanding insufficient diverging', method: 'tangent' },
    { 'divergence 1.05, tangents': sent(divergence, normals, 300) }
  ),
  ...situations(
    { truth: 'other', right: 'neutral', method: 'tangent' },
    { 'rotation, tangents': sent(turning, inBox, 300) }
  ),
]

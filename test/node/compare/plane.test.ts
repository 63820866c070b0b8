import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { planeOf } from '../../../src/node/compare/plane.ts'

const plane = suite('runs in a plane')

const distancesOf = (points: readonly (readonly number[])[]) =>
  Float64Array.from({ length: points.length ** 2 }, (_, at) => {
    const [a, b] = [points[Math.floor(at / points.length)]!, points[at % points.length]!]
    return Math.hypot(...a.map((own, i) => own - b[i]!))
  })
const near = (found: number, expected: number, by = 1e-9) =>
  assert.ok(Math.abs(found - expected) < by, `${found} for ${expected}`)

plane('points of a plane come out but for turns and mirrors', () => {
  const distances = distancesOf([
    [0, 0],
    [4, 0],
    [4, 1],
    [-2, 3],
    [7, -2],
  ])
  const { points, shown } = planeOf(distances, 5)!
  near(shown, 1)
  for (const [at, own] of distancesOf(points).entries()) near(own, distances[at]!)
})

plane('corners of a simplex: two of its n - 1 equal dimensions', () => {
  const { shown } = planeOf(
    Float64Array.from({ length: 36 }, (_, at) => Number(at % 7 > 0)),
    6
  )!
  near(shown, 2 / 5)
})

plane('distances that no space has: what is negative counts in the whole', () => {
  // A middle at 1 from three points that are 3 from each other.
  const distances = Float64Array.of(0, 1, 1, 1, 1, 0, 3, 3, 1, 3, 0, 3, 1, 3, 3, 0)
  const { shown } = planeOf(distances, 4)!
  // By NumPy: eigenvalues of -J D² J / 2 are 4.5, 4.5, 0 and -1.5.
  near(shown, 9 / 10.5)
})

plane('nothing where runs are one, or a distance is not known', () => {
  assert.is(planeOf(new Float64Array(9), 3), undefined)
  assert.is(planeOf(new Float64Array(9).fill(Number.NaN), 3), undefined)
  assert.is(planeOf(Float64Array.of(0, 1, 1, 0), 2), undefined)
})

plane.run()

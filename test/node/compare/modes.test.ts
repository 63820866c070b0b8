// Distances that modes count in, beside SciPy's and beside what is known.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { modesDistance, spectrumDistance } from '../../../src/node/compare/measuring/distance.ts'
import { partsDistance } from '../../../src/node/compare/measuring/matrices.ts'
import { spanDistance } from '../../../src/node/compare/measuring/modes.ts'
import { planeOf } from '../../../src/node/compare/plane.ts'
import type { Spectrum } from '../../../src/node/compare/reading/figures.ts'
import { gaussian } from '../../stages/koopman/runs.ts'
import { hasPython, python } from '../../support/python.ts'

const modes = suite('distances with modes')

const mu = { plane: 'mu', weights: 'equal' } as const
const near = (found: number, expected: number, by = 1e-9) =>
  assert.ok(Math.abs(found - expected) < by, `${found} for ${expected}`)

const matrix = (values: number[][]) => ({
  rows: values.map((_, i) => i),
  columns: values[0]!.map((_, j) => j),
  values,
})

/** A spectrum whose modes are columns of real and imaginary parts. */
const spectrum = (
  points: Spectrum['points'],
  shapes: number[][],
  energies?: number[]
): Spectrum => ({
  points,
  energies,
  spacing: 1,
  window: null,
  alike: new Map(),
  shapes: matrix(shapes),
})

modes('a plane turned by an angle, and a mode by any phase', () => {
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)]
  const own = matrix([
    [1, 0],
    [0, 1],
    [0, 0],
  ])
  const turned = matrix([
    [5, 5],
    [c, 2 * c],
    [s, 2 * s],
  ])
  near(spanDistance(own, turned), Math.sqrt(s ** 2 / 2))
  near(spanDistance(own, own), 0)
  const at = (phase: number): number[][] =>
    [1, 2, 3].map((i) => [Math.cos(i + phase), Math.sin(i + phase)])
  near(modesDistance(spectrum([[0.5, 0]], at(0)), spectrum([[0.7, 0]], at(1)), mu), 0.1, 1e-7)
})

modes('the same eigenvalues in modes at right angles are half as far apart as can be', () => {
  const points: Spectrum['points'] = [[0.9, 0]]
  const [a, b] = [
    spectrum(points, [
      [1, 0],
      [0, 0],
    ]),
    spectrum(points, [
      [0, 0],
      [1, 0],
    ]),
  ]
  near(spectrumDistance(a, b, mu), 0)
  near(modesDistance(a, b, mu), 0.5)
})

const program = `
import json, sys
import numpy as np
from scipy.linalg import subspace_angles
from scipy.optimize import linear_sum_assignment, linprog
case = json.loads(sys.argv[1])
a, b, p, q = (np.array(case[k]) for k in 'abpq')
line = lambda m: (lambda c: c / np.linalg.norm(c, axis=0))(m[:, 0::2] + 1j * m[:, 1::2])
cost = abs((p @ [1, 1j])[:, None] - (q @ [1, 1j])[None])
cost = (cost + np.sqrt(np.maximum(0, 1 - abs(line(a).conj().T @ line(b)) ** 2))) / 2
n, m = cost.shape
def moved(x, y):
    rows = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    return linprog(cost.ravel(), A_eq=np.vstack(rows), b_eq=np.concatenate([x, y])).fun
i, j = linear_sum_assignment(cost[:, :n])
e, f = np.array(case['e']), np.array(case['f'])
u, v = np.array(case['u']) / np.sum(case['u']), np.array(case['v']) / np.sum(case['v'])
common = np.minimum(u[:, :, None], v[:, None, :]).sum(0)
r, c = linear_sum_assignment(-common)
d = np.array(case['d'])
k = len(d)
centre = np.eye(k) - 1 / k
values, vectors = np.linalg.eigh(-centre @ d ** 2 @ centre / 2)
plane = vectors[:, :-3:-1] * np.sqrt(values[:-3:-1])
print(json.dumps({
    'span': np.sqrt(np.mean(np.sin(subspace_angles(a, b)) ** 2)),
    'equal': cost[i, j].mean(),
    'transport': moved(np.ones(n) / n, np.ones(m) / m),
    'energy': moved(e / e.sum(), f / f.sum()),
    'parts': 1 - common[r, c].sum(),
    'plane': np.linalg.norm(plane[:, None] - plane[None], axis=-1).tolist(),
    'shown': values[-2:].sum() / abs(values).sum(),
}))
`
const scipy = hasPython('numpy', 'scipy') ? modes : modes.skip

scipy('all distances and the plane as SciPy has them', () => {
  const normal = gaussian(5)
  const table = (rows: number, columns: number, of = normal) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, of))
  const positive = () => normal() ** 2
  const [a, b] = [table(40, 6), table(40, 10)]
  const [p, q] = [table(3, 2), table(5, 2)] as [[number, number][], [number, number][]]
  const [e, f] = [table(1, 3, positive)[0]!, table(1, 5, positive)[0]!]
  const [u, v] = [table(4, 3, positive), table(4, 6, positive)]
  const points = table(7, 4)
  const d = points.map((x) => points.map((y) => Math.hypot(...x.map((own, i) => own - y[i]!))))
  const told = python<Record<string, number> & { plane: number[][] }>(
    program,
    JSON.stringify({ a, b, p, q, e, f, u, v, d })
  )
  near(spanDistance(matrix(a), matrix(b)), told.span!)
  const [own, other] = [spectrum(p, a, e), spectrum(q, b, f)]
  near(modesDistance(own, other, mu), told.transport!)
  near(modesDistance(own, other, { plane: 'mu', weights: 'energy' }), told.energy!)
  const cut = spectrum(
    q.slice(0, 3),
    b.map((row) => row.slice(0, 6))
  )
  near(modesDistance(own, cut, mu), told.equal!)
  near(partsDistance(matrix(u), matrix(v)), told.parts!)
  const plane = planeOf(Float64Array.from(d.flat()), d.length)!
  near(plane.shown, told.shown!)
  told.plane.flat().forEach((distance, at) => {
    const [x, y] = [plane.points[Math.floor(at / 7)]!, plane.points[at % 7]!]
    near(Math.hypot(x[0] - y[0], x[1] - y[1]), distance)
  })
})

modes.run()

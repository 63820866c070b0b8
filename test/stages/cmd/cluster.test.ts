import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { clusterBytes, findReferences } from '../../../src/stages/cmd/cluster.ts'
import { cmdKernels } from '../../../src/stages/cmd/kernels.gen.ts'
import { completeLinkage, cutTree, pairIndex } from '../../../src/stages/cmd/linkage.ts'

interface Case {
  count: number
  length: number
  modes: number
  seed: number
  heights: number[]
  labels: number[]
  centrality: number[]
}

const cases = JSON.parse(
  readFileSync(new URL('../../golden/clusters.json', import.meta.url), 'utf8')
) as Case[]

const cluster = suite('clusters of trajectories')

/** The walks of test/golden/clusters.py. */
function walks({ count, length, seed }: Case): Float64Array {
  let state = seed
  let position = 0
  return Float64Array.from({ length: count * length }, (_, i) => {
    if (i % length === 0) position = 0
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    position += (state >>> 16) - 2 ** 15
    return position
  })
}

/** Clusters as sorted lists of points, to be compared whatever their order. */
const sorted = (clusters: readonly (readonly number[])[]): string[] =>
  clusters.map((members) => [...members].sort((a, b) => a - b).join()).sort()

function references(trajectories: Float64Array, length: number, modes: number, kind = 'base') {
  const bytes = clusterBytes(trajectories.length / length)
  const arena = new Arena(bytes, kind as 'base' | 'js')
  return findReferences(trajectories, length, modes, arena, arena.take(bytes))
}

for (const golden of cases) {
  const { count, length, modes, labels, centrality } = golden
  const members = [...new Set(labels)].map((label) =>
    labels.flatMap((own, i) => (own === label ? [i] : []))
  )

  cluster(`of ${count} walks, at most ${modes}, are SciPy's`, () => {
    const rows = walks(golden)
    const correlation = (i: number, j: number): number => {
      const [a, b] = [i, j].map((k) => {
        const row = rows.subarray(k * length, (k + 1) * length)
        const mean = row.reduce((sum, value) => sum + value, 0) / length
        return row.map((value) => value - mean)
      }) as [Float64Array, Float64Array]
      const dot = (u: Float64Array, v: Float64Array): number =>
        u.reduce((sum, value, t) => sum + value * v[t]!, 0)
      return Math.abs(dot(a, b)) / Math.sqrt(dot(a, a) * dot(b, b))
    }
    const width = 4 * Math.ceil(count / 4)
    const arena = new Arena(clusterBytes(count), 'base')
    const matrix = arena.f32(arena.take(16 * Math.ceil(count / 4) * count), count * width)
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) matrix[i * width + j] = correlation(i, j)
    }
    const pairs = (count * (count - 1)) / 2
    const address = arena.take(8 * pairs)
    arena
      .kernels(cmdKernels)
      .cmd_distances({ matrix: matrix.byteOffset, k: count, width, distances: address })
    const merges = completeLinkage(arena.f64(address, pairs), count)
    golden.heights.forEach((height, i) => {
      assert.ok(Math.abs(merges[i]!.height - height) <= 1e-6 * height, `merge ${i}`)
    })
    assert.equal(sorted(cutTree(merges, modes, 0)), sorted(members))
  })

  cluster(`of ${count} walks, at most ${modes}, have SciPy's medoids as references`, () => {
    for (const kind of ['base', 'js']) {
      const found = references(walks(golden), length, modes, kind)
      assert.is(new Set(found.map((i) => labels[i])).size, members.length, 'one of each cluster')
      for (const i of found) {
        const own = members.find((cluster) => cluster.includes(i))!
        const most = Math.max(...own.map((j) => centrality[j]!))
        assert.ok(centrality[i]! >= most - 1e-7, `${i} is central`)
      }
      const sizes = found.map((i) => members.find((own) => own.includes(i))!.length)
      assert.equal(
        sizes,
        [...sizes].sort((a, b) => b - a),
        'largest first'
      )
    }
  })
}

cluster(
  'linkage leaves the height of every pair as the greatest distance between their clusters',
  () => {
    const n = 40
    let state = 9
    const distances = Float64Array.from({ length: (n * (n - 1)) / 2 }, () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0
      return state
    })
    const merges = completeLinkage(distances.slice(), n)
    const clusters = new Map(Array.from({ length: n }, (_, i) => [i, [i]]))
    for (const { a, b, height } of merges) {
      const [p, q] = [a, b].map((i) => [...clusters.values()].find((own) => own.includes(i))!) as [
        number[],
        number[],
      ]
      const apart = p.flatMap((i) => q.map((j) => distances[pairIndex(n, i, j)]!))
      assert.is(height, Math.max(...apart))
      clusters.delete(p[0]!)
      clusters.set(q[0]!, [...q, ...p])
    }
  }
)

cluster('trajectories that stand still are no members, nothing moves means no reference', () => {
  const rows = new Float64Array(40).fill(0.1)
  assert.equal(references(rows.slice(), 10, 3), [])
  for (let t = 0; t < 10; t++) rows[10 + t] = 0.1 + t
  assert.equal(references(rows.slice(), 10, 3), [1])
})

cluster(
  'trajectories that are affine images of each other fall together however many are allowed',
  () => {
    const length = 12
    const clocks = [(t: number) => t, (t: number) => Math.sin(t), (t: number) => (t < 6 ? 0 : 1)]
    const rows = new Float64Array(60 * length)
    for (let i = 0; i < 60; i++) {
      for (let t = 0; t < length; t++) {
        rows[i * length + t] = 1000 + (i % 7) - (1 + (i % 11)) * clocks[i % 3]!(t)
      }
    }
    const found = references(rows, length, 10)
    assert.equal(
      found.map((i) => i % 3).sort((a, b) => a - b),
      [0, 1, 2]
    )
  }
)

cluster.run()

import type { Arena } from '../../stage/index.ts'
import { cmdKernels } from './kernels.gen.ts'
import { completeLinkage, cutTree } from './linkage.ts'

/** Scratch bytes for clustering k trajectories: the matrix of |corr| in f32 and the distances between its rows. */
export function clusterBytes(k: number): number {
  return matrixBytes(k) + 4 * k * (k - 1)
}

/** Rows are padded to a multiple of four, the matrix to a multiple of 16 bytes. */
function matrixBytes(k: number): number {
  return 16 * Math.ceil(k / 4) * k
}

/**
 * Picks the references of at most `modes` modes out of k trajectories of `length` points. Trajectories that stand still
 * take no part.
 *
 * @param trajectories k x length, standardised in place
 * @param scratch `clusterBytes(k)` bytes
 * @returns indices of trajectories
 */
export function findReferences(
  trajectories: Float64Array,
  length: number,
  modes: number,
  arena: Arena,
  scratch: number
): number[] {
  const rows: Float64Array[] = []
  const indices: number[] = []
  for (let i = 0; i < trajectories.length / length; i++) {
    const row = trajectories.subarray(i * length, (i + 1) * length)
    if (!standardise(row)) continue
    rows.push(row)
    indices.push(i)
  }
  return clusterRows(rows, modes, arena, scratch).map((i) => indices[i]!)
}

/**
 * Picks the references of at most `modes` modes out of k rows whose inner products are correlations (Turjeman et al. 2022):
 * clusters by complete linkage on the Euclidean distance between rows of |corr|, largest first; a cluster's reference is
 * the member with the largest mean |corr| to all of them.
 *
 * @param scratch `clusterBytes(k)` bytes
 * @returns indices of rows
 */
export function clusterRows(
  rows: readonly Float64Array[],
  modes: number,
  arena: Arena,
  scratch: number
): number[] {
  const k = rows.length
  if (k === 0) return []
  const width = 4 * Math.ceil(k / 4)
  const matrix = arena.f32(scratch, k * width)
  correlate(rows, width, matrix)
  const distances = scratch + matrixBytes(k)
  arena.kernels(cmdKernels).cmd_distances({ matrix: scratch, k, width, distances })
  const merges = completeLinkage(arena.f64(distances, (k * (k - 1)) / 2), k)
  // Entries of |corr| are rounded to 2^-25: rows no further apart than that may be equal.
  const clusters = cutTree(merges, modes, Math.sqrt(k) * 2 ** -24)
  return clusters.map((members) => medoid(members, matrix, width))
}

/** Shifts a trajectory to mean 0 and scales it to norm 1; false where it stands still. */
function standardise(row: Float64Array): boolean {
  const origin = row[0]!
  let mean = 0
  for (let t = 0; t < row.length; t++) {
    row[t]! -= origin
    mean += row[t]! / row.length
  }
  if (row.every((value) => value === 0)) return false
  let square = 0
  for (let t = 0; t < row.length; t++) {
    row[t]! -= mean
    square += row[t]! * row[t]!
  }
  const norm = Math.sqrt(square)
  for (let t = 0; t < row.length; t++) row[t]! /= norm
  return norm > 0
}

/** |corr| of rows, the padding zero. */
function correlate(rows: readonly Float64Array[], width: number, matrix: Float32Array): void {
  matrix.fill(0)
  rows.forEach((a, i) => {
    for (let j = 0; j <= i; j++) {
      const b = rows[j]!
      let product = 0
      for (let t = 0; t < a.length; t++) product += a[t]! * b[t]!
      matrix[i * width + j] = matrix[j * width + i] = Math.abs(product)
    }
  })
}

/** The member with the largest mean |corr| to all members, the first of equals. */
function medoid(members: readonly number[], matrix: Float32Array, width: number): number {
  let best = members[0]!
  let most = -1
  for (const i of members) {
    let sum = 0
    for (const j of members) sum += matrix[i * width + j]!
    if (sum <= most) continue
    most = sum
    best = i
  }
  return best
}

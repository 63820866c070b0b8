// Runs of one matrix whose weights are given step by step, and NumPy's answers about matrices.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnalyseOptions } from '../../src/analyse.ts'
import type { StageValue } from '../../src/stage/define.ts'
import type { Dtype, OpenFrame } from '../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame, random } from '../engine/frames.ts'
import { analyseFrames, type Outcome } from './harness.ts'

/** A matrix by rows. */
export interface Dense {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

export interface MatrixRun {
  readonly name?: string
  readonly shape: readonly number[]
  readonly dtype?: Extract<Dtype, 'f32' | 'f64'>
  /** Weights at step 0, 1, 2 ... */
  readonly weights: readonly Float64Array[]
  readonly open?: Partial<OpenFrame>
  readonly epoch?: (step: number) => number
}

/** Analyses a run; by default in f64, with all steps in one block. */
export function analyseMatrices(
  { name = 'w', shape, dtype = 'f64', weights, open, epoch }: MatrixRun,
  stage: StageValue,
  options: AnalyseOptions = {}
): Outcome {
  const frames = [
    openFrame([{ name, shape: [...shape], dtype }], open),
    anchor(0, [bytes(weights[0]!, dtype)]),
    ...weights.slice(1).map((own, i) =>
      delta(
        i + 1,
        [
          bytes(
            own.map((w, k) => w - weights[i]![k]!),
            dtype
          ),
        ],
        { base: i, ...(epoch && { epoch: epoch(i + 1) }) }
      )
    ),
    close(weights.length),
  ]
  return analyseFrames(frames, stage, { block: Math.min(1024, weights.length), ...options })
}

export function gaussian(rows: number, columns: number, seed: number): Dense {
  const next = random(seed)
  const values = Float64Array.from({ length: rows * columns }, () => {
    let sum = 0
    for (let i = 0; i < 12; i++) sum += next()
    return sum / 2
  })
  return { rows, columns, values }
}

export const entry = ({ columns, values }: Dense, i: number, j: number): number =>
  values[i * columns + j]!

export function dense(rows: number, columns: number, of: (i: number, j: number) => number): Dense {
  const values = Float64Array.from({ length: rows * columns }, (_, at) =>
    of(Math.floor(at / columns), at % columns)
  )
  return { rows, columns, values }
}

export const transposed = (a: Dense): Dense => dense(a.columns, a.rows, (i, j) => entry(a, j, i))

/** (I - 2 v vᵀ) A for a random unit vector v. */
export function reflected(a: Dense, seed: number): Dense {
  const v = gaussian(a.rows, 1, seed).values
  const norm = v.reduce((sum, value) => sum + value * value, 0)
  const along = Float64Array.from({ length: a.columns }, (_, j) =>
    v.reduce((sum, value, i) => sum + value * entry(a, i, j), 0)
  )
  return dense(a.rows, a.columns, (i, j) => entry(a, i, j) - (2 * v[i]! * along[j]!) / norm)
}

/** A with columns and rows turned so that its singular values are the given ones. */
export function withValues(rows: number, columns: number, values: readonly number[], seed: number) {
  let a = dense(rows, columns, (i, j) => (i === j ? (values[i] ?? 0) : 0))
  for (let k = 0; k < 4; k++) {
    a = reflected(a, seed + 2 * k)
    a = transposed(reflected(transposed(a), seed + 2 * k + 1))
  }
  return a
}

/** Whether there is a Python with NumPy. */
export const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

/** What `test/golden/matrices.py` says of matrices or values. */
export function byNumpy<T>(
  command: 'stability' | 'values' | 'tail',
  shapes: readonly string[],
  numbers: readonly Float64Array[]
): T[] {
  const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
  try {
    const path = join(folder, 'numbers.f64')
    writeFileSync(path, Buffer.concat(numbers.map((own) => Buffer.from(own.slice().buffer))))
    const stdout = execFileSync('python3', ['test/golden/matrices.py', command, path, ...shapes], {
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
      maxBuffer: 2 ** 28,
    })
    return JSON.parse(stdout.toString())
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * How close `estimatedErrors` of `svd` are to the true errors of its singular values.
 *
 *     node --import tsx test/evidence/estimates.ts [RECORDING...]
 *
 * Of made-up spectra without and with momentum, and of recordings (`thalweg train mnist-mlp --steps 200 > run.thalweg`; `modes.ts` names
 * two others): at most 300 deltas in blocks of 8 and 16, rank and columns 8 of 16, 16 of 24, 16 of 32. Truth is found in f64, from all
 * steps at once. Errors below 1e-6 of the first value are left out.
 */
import { readFileSync } from 'node:fs'
import { jacobi } from '../../src/linalg/jacobi.ts'
import { FrameReader } from '../../src/wire/reader.ts'
import { decompose } from '../stages/svd/decompose.ts'
import { persistent } from '../stages/svd/spectra.ts'

const most = 300

/** Estimates over errors, for each reported value. */
function ratiosOf(columns: readonly Float32Array[], shapes: readonly [number, number][]): number[] {
  const truth = exact(columns)
  return shapes.flatMap(([rank, size]) =>
    [8, 16].flatMap((block) => {
      const { singularValues, estimatedErrors } = decompose(
        columns,
        { rank, columns: size },
        { block }
      )
      return singularValues.flatMap((value, i) => {
        const error = truth[i]! - value
        return error < 1e-6 * truth[0]! ? [] : [estimatedErrors[i]! / error]
      })
    })
  )
}

function exact(columns: readonly Float32Array[]): number[] {
  const n = columns.length
  const gram = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [columns[i]!, columns[j]!]
      let sum = 0
      for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
      gram[i * n + j] = sum
      gram[j * n + i] = sum
    }
  }
  return Array.from(jacobi(gram, n).values, (value) => Math.sqrt(Math.max(0, value)))
}

/** The f32 deltas of member 0, all tensors one after another. */
function deltasOf(path: string): Float32Array[] {
  const reader = new FrameReader()
  reader.push(readFileSync(path))
  const found: Float32Array[] = []
  for (let frame = reader.next(); frame; frame = reader.next()) {
    if (frame.kind !== 'delta' || frame.member !== 0) continue
    const bytes = Buffer.concat(frame.data.map((payload) => payload as Uint8Array))
    found.push(new Float32Array(new Uint8Array(bytes).buffer))
  }
  return found
}

function line(name: string, ratios: readonly number[]): string {
  const sorted = [...ratios].sort((a, b) => a - b)
  const share = (test: (ratio: number) => boolean): string =>
    `${((100 * ratios.filter(test).length) / ratios.length).toFixed(0)} %`
  const median = sorted[sorted.length >> 1] ?? Number.NaN
  return `${name}: within a factor of 5 in ${share((r) => r > 0.2 && r < 5)} of ${ratios.length}, too low by 5 in ${share((r) => r <= 0.2)}, median ${median.toFixed(2)}`
}

console.log(
  line(
    'made up',
    Array.from({ length: 48 }, (_, draw) => draw).flatMap((draw) =>
      ratiosOf(persistent(draw), [[8, 16]])
    )
  )
)
for (const path of process.argv.slice(2))
  console.log(
    line(
      path,
      ratiosOf(deltasOf(path).slice(0, most), [
        [8, 16],
        [16, 24],
        [16, 32],
      ])
    )
  )

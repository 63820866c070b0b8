import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../../src/kernels/arena.ts'
import { defineStage, type SpectralMode, spectrumPort } from '../../../src/stage/index.ts'
import { edge } from '../../../src/stages/edge/index.ts'
import { edgeKernels } from '../../../src/stages/edge/kernels.gen.ts'
import { edgeOf, meanField } from '../../../src/stages/edge/mean-field.ts'
import { layScratch } from '../../../src/stages/edge/plan.ts'
import type { EdgeValues } from '../../../src/stages/edge/spec.ts'
import { random } from '../../engine/frames.ts'
import { gaussian } from '../matrices.ts'
import { close, lastOf, look, still } from './support.ts'

const stage = suite('the edge stage')

stage('gives J and J₀ of known matrices to 1e-12 in f64 and 1e-6 in f32', () => {
  for (const [rows, columns, mean] of [
    [64, 64, 0],
    [200, 784, 0.01],
    [10, 3, -2],
    [784, 100, 5],
  ] as const) {
    const noise = gaussian(rows, columns, rows)
    const w = noise.values.map((value) => mean + 0.03 * value)
    const count = rows * columns
    const average = w.reduce((sum, value) => sum + value, 0) / count
    const spread = w.reduce((sum, value) => sum + (value - average) ** 2, 0) / count
    for (const [dtype, most] of [
      ['f64', 1e-12],
      ['f32', 1e-6],
    ] as const) {
      for (const name of ['w', 'dense/kernel']) {
        const inputs = name === 'w' ? columns : rows
        const found = lastOf({ name, shape: [rows, columns], dtype, weights: [w, w] })
        const scale = Math.max(1, Math.abs(average) * inputs)
        close(found.j!, Math.sqrt(spread * inputs), most * found.j!, `J, ${dtype}`)
        close(found.j0!, average * inputs, most * scale, `J₀, ${dtype}`)
      }
    }
  }
})

stage('knows the edge of the mean field', () => {
  for (const ratio of [-0.9, -0.3, 0, 0.5, 0.99]) {
    close(edgeOf('tanh', ratio), 1, 1e-12)
    close(edgeOf('linear', ratio), 1, 1e-12)
    close(edgeOf('relu', ratio), Math.SQRT2, 1e-12)
    close(edgeOf('erf', ratio), Math.sqrt(Math.PI) / 2, 1e-12)
  }
  close(edgeOf('tanh', 1.1), 1.5088, 1e-4)
  close(edgeOf('tanh', 1.25), 2.1338, 1e-4)
  close(edgeOf('tanh', 1.5), 3.636, 1e-4)
  for (const ratio of [1.02, 1.1, 1.5, 2]) {
    const j = edgeOf('tanh', ratio)
    close(meanField('tanh', j, ratio * j).chi, 1, 1e-8, `${ratio}`)
  }
  assert.ok(Number.isNaN(edgeOf('tanh', -1.2)))
  assert.ok(Number.isNaN(edgeOf('relu', 1.2)))
  assert.ok(Number.isNaN(edgeOf('tanh', 9)))
})

stage('has integrals that converge', () => {
  // Against twice as many points by hand, of the midpoint rule.
  const [j, j0] = [2, 2.5]
  const { mean, square, chi } = meanField('tanh', j, j0)
  const average = (of: (h: number) => number): number => {
    let [sum, total] = [0, 0]
    for (let z = -9.0005; z < 9.001; z += 0.001) {
      const w = Math.exp((-z * z) / 2)
      total += w
      sum += w * of(j0 * mean + j * Math.sqrt(square) * z)
    }
    return sum / total
  }
  close(average(Math.tanh), mean, 1e-9)
  close(
    average((h) => Math.tanh(h) ** 2),
    square,
    1e-9
  )
  close(j * j * average((h) => (1 - Math.tanh(h) ** 2) ** 2), chi, 1e-8)
})

const mode = (re: number, im: number, verdict: SpectralMode['verdict']): SpectralMode => ({
  re,
  im,
  modulusInterval: null,
  residual: 0.02,
  verdict,
})

/** Offers a spectrum, as a stage of eigenvalues does. */
const offering = defineStage({
  type: 'offering',
  summary: 'Offers.',
  asks: 'What?',
  options: {},
  figures: {},
  says: () => [],
  ports: { spectrum: spectrumPort },
  offers: () => ({ spectrum: { modes: 3 } }),
  plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
  start: () => ({
    ports: {
      spectrum: {
        read: () => ({
          modes: [mode(0.98, 0, 'real'), mode(-0.95, 0, 'real'), mode(-0.999, 0, 'spurious')],
          spacing: 1,
          steps: [0, 4] as const,
        }),
      },
    },
    // biome-ignore lint/correctness/useYield: it adds nothing over rows.
    *step() {
      return { values: {} }
    },
  }),
})

stage('reads the eigenvalue nearest to -1 of a stage that offers a spectrum', () => {
  const tensors = [{ name: 'w', shape: [40, 40], values: gaussian(40, 40, 11) }]
  const stages = [offering({ per: 'tensor' }), edge({ on: 'offering', look })]
  const values = still(tensors, {}, stages).at(-1)!.values as unknown as EdgeValues
  assert.is(values.flipEigenvalue, -0.95)
  assert.is(values.flipResidual, 0.02)
})

const kinds: KernelKind[] =
  kernelKind('fast') === 'relaxed' ? ['base', 'relaxed', 'js'] : ['base', 'js']

stage('has kernels that are the reference', () => {
  const found = kinds.map((kind) => {
    const arena = new Arena(1 << 20, kind)
    const [x, slopes, out] = [0, 1, 2].map(() => arena.take(8 * 4 * 512)) as [
      number,
      number,
      number,
    ]
    const next = random(2)
    const activated = [0, 1, 2, 3].map((own) => {
      const values = arena.f64(x, 512)
      values.forEach((_, i) => {
        values[i] = 8 * next()
      })
      arena.kernels(edgeKernels).edge_activate({ x, n: 512, kind: own, slopes })
      return [values.slice(), arena.f64(slopes, 512).slice()]
    })
    const lags = ([4, 8] as const).map((elementBytes) => {
      const values = elementBytes === 8 ? arena.f64(x, 1024) : arena.f32(x, 1024)
      for (let i = 0; i < 1024; i++) values[i] = next()
      const place = { x, stride: 256 * elementBytes, count: 4, elementBytes, n: 256, out }
      arena.kernels(edgeKernels).edge_lags(place)
      return arena.f64(out, 12).slice()
    })
    return { activated, lags }
  })
  for (const { activated, lags } of found.slice(1)) {
    assert.equal(activated, found[0]!.activated)
    lags.forEach((own, i) => {
      own.forEach((value, k) => {
        close(value, found[0]!.lags[i]![k]!, 1e-12)
      })
    })
  }
})

stage('keeps products of updates and pieces of weights apart in its scratch', () => {
  const nothing = { matrix: undefined, activation: undefined, network: undefined }
  const shape = { block: 16 } as Parameters<typeof layScratch>[1]
  const options = { inputs: 0, iterations: 1, layout: 'auto', seed: 0 } as const
  const { staging, bytes } = layScratch(1024, shape, nothing, options)
  assert.ok(staging >= 1024 + 3 * 8 * 16 && staging < 1024 + bytes)
})

stage.run()

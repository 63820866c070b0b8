import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../../src/analyse.ts'
import { Run } from '../../../src/engine/run/run.ts'
import type { Summary } from '../../../src/engine/summary.ts'
import { Arena, type KernelKind, kernelKind } from '../../../src/kernels/arena.ts'
import { defineStage, type SpectralMode, spectrumPort } from '../../../src/stage/index.ts'
import { edge } from '../../../src/stages/edge/index.ts'
import { edgeKernels } from '../../../src/stages/edge/kernels.gen.ts'
import { lineThrough } from '../../../src/stages/edge/law.ts'
import { edgeOf, meanField } from '../../../src/stages/edge/mean-field.ts'
import type { EdgeValues } from '../../../src/stages/edge/spec.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame, random } from '../../engine/frames.ts'
import { analyseMatrices, type Dense, dense, entry, gaussian, type MatrixRun } from '../matrices.ts'

const stage = suite('the edge stage')
const look = { every: 1 }

type Options = Parameters<typeof edge>[0]

function lastOf(run: MatrixRun, options: Options = {}): EdgeValues {
  const { summaries, error } = analyseMatrices(run, edge({ look, ...options }))
  if (error) throw error
  return summaries.at(-1)!.values as unknown as EdgeValues
}

const close = (a: number, b: number, most: number, what = ''): void =>
  assert.ok(Math.abs(a - b) <= most, `${what}: ${a} against ${b}`)

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

const base = gaussian(40, 40, 11)

/** The base matrix scaled so that J² is what it is told after each step. */
function growing(squares: readonly number[]): Float64Array[] {
  const mean = base.values.reduce((sum, w) => sum + w, 0) / 1600
  const spread = base.values.reduce((sum, w) => sum + (w - mean) ** 2, 0) / 1600
  const scale = 1 / Math.sqrt(spread * 40)
  return squares.map((square) => base.values.map((w) => (w - mean) * scale * Math.sqrt(square)))
}

const meta = {
  optimizer: 'sgd',
  learningRate: 0.02,
  momentum: 0.5,
  batchSize: 32,
  datasetSize: 60000,
  activation: 'tanh',
}
const range = (count: number, of: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => of(i))

const trained = (
  squares: readonly number[],
  more: object = {},
  epoch = (step: number) => step / 2
) => ({
  shape: [40, 40],
  weights: growing(squares),
  open: { meta: { ...meta, ...more } },
  epoch,
})

stage('fits the law of J² with its prefactor, and says when the edge is reached', () => {
  const rate = 0.0137
  const found = lastOf(trained(range(41, (t) => 0.25 + (rate * t) / 2)))
  assert.is(found.regime, 'holds')
  close(found.growth!, rate, 1e-12)
  const a = (rate * (1 - 0.5) * 32) / 0.02
  close(found.prefactor!, a, 1e-9)
  close(found.parkingDecay!, a / (4 * 60000), 1e-15)
  close(found.edgeEpoch!, 0.75 / rate, 1e-8)
  assert.is(found.phase, 'ordered')
  close(found.distance!, Math.sqrt(0.25 + rate * 20) - 1, 1e-12)
  assert.is(found.history!.steps.length, 41)
  close(found.history!.values[0]![40]!, 0.25 + rate * 20, 1e-12)
})

stage('has an interval that covers the rate of a noisy line', () => {
  let covered = 0
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed)
    let y = 0
    const ys = range(81, (i) => {
      if (i > 0) y += 1 + 2 * (next() + next() + next())
      return y
    })
    const { interval } = lineThrough(
      range(81, (i) => i),
      ys
    )!
    if (interval[0] <= 1 && interval[1] >= 1) covered++
  }
  assert.ok(covered >= 180 && covered <= 199, `${covered} of 200`)
})

stage('tells lines that hold from those that bend, recede or lie beyond', () => {
  const regimes = [
    range(41, (t) => 0.25 + 0.7 * (1 - Math.exp(-t / 15))),
    range(41, (t) => 0.5 - 0.005 * t),
    range(41, (t) => 0.25 + 0.03 * t),
    range(6, (t) => 0.25 + 0.01 * t),
  ].map((squares) => lastOf(trained(squares)).regime)
  assert.equal(regimes, ['bending', 'receding', 'beyond', 'insufficient'])
  const crossed = lastOf(trained(range(41, (t) => 0.25 + 0.03 * t)))
  // The rate is that of before the edge.
  close(crossed.growth!, 0.06, 1e-12)
  assert.ok(Number.isNaN(crossed.edgeEpoch!))
  assert.is(crossed.phase, 'chaotic')
})

stage('raises an alert where J crosses the edge', () => {
  const { summaries } = analyseMatrices(
    trained(range(41, (t) => 0.25 + 0.03 * t)),
    edge({ look }),
    { block: 4, emit: { every: 1 } }
  )
  const raised = summaries.flatMap(({ alerts }) => alerts)
  assert.equal(
    raised.map(({ id }) => id),
    ['edge/crossed']
  )
  assert.match(raised[0]!.message, 'the edge 1.000')
})

stage('says what the law lacks', () => {
  const squares = range(20, (t) => 0.25 + 0.01 * t)
  const why = (more: object, epoch?: (step: number) => number): string =>
    lastOf({ ...trained(squares, more), ...(epoch && { epoch }) }).why ?? ''
  assert.match(why({ optimizer: 'adam' }), 'are of SGD, the optimizer is adam')
  assert.match(why({ weightDecay: 1e-4 }), 'weight decay')
  assert.match(why({ learningRate: null }), 'needs a learning rate')
  assert.match(why({ activation: 'gelu' }), 'needs an activation')
  const blind = lastOf({ shape: [40, 40], weights: growing(squares) }, { activation: 'tanh' })
  assert.match(blind.why!, 'growth needs epochs')
  assert.is(blind.regime, 'insufficient')
  // Steps, batch and data set make epochs.
  const counted = lastOf({ shape: [40, 40], weights: growing(squares), open: { meta } })
  close(counted.growth!, (0.01 * 60000) / 32, 1e-9)
})

stage('sees updates alternate with period two', () => {
  const noise = gaussian(40, 40, 3)
  const swing = (size: (t: number) => number): Float64Array[] =>
    range(13, (t) => t).map((t) => base.values.map((w, i) => w + size(t) * noise.values[i]!))
  const there = lastOf({ shape: [40, 40], weights: swing((t) => (t % 2 ? 0.1 : 0)) })
  close(there.lagOne!, -1, 1e-6)
  close(there.lagTwo!, 1, 1e-6)
  assert.match(
    edge()
      .definition.says(there as never)
      .map(({ text }) => text)
      .join(' '),
    'alternate'
  )
  const ahead = lastOf({ shape: [40, 40], weights: swing((t) => 0.1 * t) })
  close(ahead.lagOne!, 1, 1e-6)
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

const weightsOf = ({ values }: Dense): Uint8Array => bytes(values, 'f64')

/** A run of some tensors that do not move, through the engine. */
function still(
  tensors: readonly { name: string; shape: number[]; values: Dense }[],
  open: Partial<OpenFrame>,
  stages: Parameters<typeof settingsOf>[1][],
  shards = 1
): Summary[] {
  const summaries: Summary[] = []
  const frame = openFrame(
    tensors.map(({ name, shape }) => ({ name, shape, dtype: 'f64' })),
    open
  )
  const settings = settingsOf({ block: 4, shards }, ...stages)
  const run = new Run(frame, settings, (block) => summaries.push(...block.summaries))
  const push = (own: Frame): void => run.push(own as Exclude<Frame, OpenFrame>)
  push(
    anchor(
      0,
      tensors.map(({ values }) => weightsOf(values))
    )
  )
  for (let step = 1; step <= 4; step++)
    push(
      delta(
        step,
        tensors.map(() => null)
      )
    )
  run.end()
  return summaries.filter(({ type }) => type === 'edge')
}

stage('reads the eigenvalue nearest to -1 of a stage that offers a spectrum', () => {
  const tensors = [{ name: 'w', shape: [40, 40], values: base }]
  const stages = [offering({ per: 'tensor' }), edge({ on: 'offering', look })]
  const values = still(tensors, {}, stages).at(-1)!.values as unknown as EdgeValues
  assert.is(values.flipEigenvalue, -0.95)
  assert.is(values.flipResidual, 0.02)
})

const scaled = (rows: number, columns: number, size: number, seed: number): Dense => {
  const noise = gaussian(rows, columns, seed)
  return dense(rows, columns, (i, j) => (size * entry(noise, i, j)) / Math.sqrt(columns))
}
const norm = (a: Dense): number => Math.hypot(...a.values)

stage('iterates the hidden map of a declared network of one layer', () => {
  const found = (size: number, activation: string): EdgeValues => {
    const tensors = [{ name: 'w', shape: [96, 96], values: scaled(96, 96, size, 8) }]
    const network = [{ kernel: 'w', activation }]
    const stages = [edge({ look: { every: 100 }, inputs: 6, iterations: 200 })]
    return still(tensors, { meta: { network } }, stages).at(-1)!.values as unknown as EdgeValues
  }
  const ordered = found(0.5, 'tanh')
  assert.ok(ordered.asymptoticDistance! < 1e-10)
  // At rest the Jacobian is the matrix.
  close(
    ordered.jacobianNorm!,
    norm(scaled(96, 96, 0.5, 8)) / Math.sqrt(96),
    4 * ordered.jacobianNormError!
  )
  const chaotic = found(2.5, 'tanh')
  assert.ok(chaotic.asymptoticDistance! > 1)
  assert.ok(chaotic.jacobianNorm! > 1 && chaotic.phase === 'chaotic')
  const relu = found(1, 'relu')
  assert.ok(relu.asymptoticDistance! < 1e-8 && relu.phase === 'ordered')
  assert.match(found(1, 'gelu').why!, 'meta.network[0].activation')
})

stage(
  'iterates a network of several layers with biases, each on its owner, to the same bits',
  () => {
    const [w1, w2] = [scaled(48, 32, 1, 1), scaled(32, 48, 1, 2)]
    const [b1, b2] = [gaussian(48, 1, 3), gaussian(32, 1, 4)]
    const tensors = [
      { name: 'a', shape: [48, 32], values: w1 },
      { name: 'a.bias', shape: [48], values: b1 },
      { name: 'b', shape: [32, 48], values: w2 },
      { name: 'b.bias', shape: [32], values: b2 },
    ]
    const network = [
      { kernel: 'a', bias: 'a.bias', activation: 'linear' },
      { kernel: 'b', bias: 'b.bias', activation: 'linear' },
    ]
    const options = { look: { every: 100 }, inputs: 12, iterations: 5, per: 'model' } as const
    const run = (shards: number) => still(tensors, { meta: { network } }, [edge(options)], shards)
    const [summary] = run(1)
    const { jacobianNorm, jacobianNormError, asymptoticDistance, j } = summary!
      .values as unknown as EdgeValues
    assert.is(j, undefined)
    const product = dense(32, 32, (i, k) => {
      let sum = 0
      for (let l = 0; l < 48; l++) sum += entry(w2, i, l) * entry(w1, l, k)
      return sum
    })
    close(jacobianNorm!, norm(product) / Math.sqrt(32), 4 * jacobianNormError!)
    assert.ok(asymptoticDistance! > 0 && asymptoticDistance! < 1e-2)
    for (const shards of [2, 3, 4]) assert.equal(run(shards), run(1), `${shards} shards`)
    const [byTensor] = still(tensors, { meta: { network } }, [edge({ look })])
    assert.is((byTensor!.values as unknown as EdgeValues).jacobianNorm, undefined)
  }
)

stage('says why a declared network cannot be iterated', () => {
  const tensors = [
    { name: 'a', shape: [8, 6], values: gaussian(8, 6, 1) },
    { name: 'b', shape: [5, 8], values: gaussian(5, 8, 1) },
  ]
  const why = (network: unknown): string => {
    const open = { meta: { network: network as never } }
    const [summary] = still(tensors, open, [edge({ per: 'model', look })])
    return summary!.values.why as string
  }
  const layer = (kernel: string, more: object = {}) => ({ kernel, activation: 'tanh', ...more })
  assert.match(why('tanh'), 'is no list of layers')
  assert.match(why([layer('a'), layer('b')]), 'maps 6 to 5 numbers')
  assert.match(why([layer('b'), layer('a')]), 'takes 6 inputs, the layer before gives 5')
  assert.match(why([layer('c')]), 'names no matrix')
  assert.match(why([layer('a', { bias: 'b' })]), 'with 8 elements')
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

stage.run()

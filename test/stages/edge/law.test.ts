import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { edge } from '../../../src/stages/edge/index.ts'
import { lineThrough } from '../../../src/stages/edge/law.ts'
import { random } from '../../engine/frames.ts'
import { analyseMatrices, gaussian } from '../matrices.ts'
import { close, lastOf, look } from './support.ts'

const stage = suite('the law of edge')

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
  assert.match(why({ optimizer: 'adam' }), 'are defined for SGD, and the optimizer is adam')
  assert.match(why({ weightDecay: 1e-4 }), 'weight decay')
  assert.match(why({ learningRate: null }), 'needs a learning rate')
  assert.match(why({ activation: 'gelu' }), 'needs an activation')
  assert.match(lastOf(trained(squares.slice(0, 6))).why!, 'growth needs 9 looks, there were 6')
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

stage.run()

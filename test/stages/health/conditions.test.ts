// What health says of trainings whose course is known: each alert where it belongs, and none elsewhere.
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnalyseOptions } from '../../../src/analyse.ts'
import type { Summary } from '../../../src/engine/summary.ts'
import { health } from '../../../src/stages/health/index.ts'
import { healthFigures, says } from '../../../src/stages/health/spec.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { FrameReader } from '../../../src/wire/reader.ts'
import { anchor, bytes, close, delta, openFrame, random } from '../../engine/frames.ts'
import { analyseFrames } from '../harness.ts'

const conditions = suite('what health finds')

const rows = 500

/** A training: its weights at the start, each step's delta, and the loss after it. */
interface Training {
  readonly steps: number
  readonly start?: (i: number) => number
  readonly move: (weights: Float64Array, t: number, noise: () => number) => Float64Array
  readonly loss?: (weights: Float64Array, t: number, noise: () => number) => number
  readonly dtype?: 'f32' | 'bf16'
}

function framesOf({ steps, start = () => 1, move, loss, dtype = 'f32' }: Training, seed = 1) {
  const noise = random(seed)
  const weights = Float64Array.from({ length: rows }, (_, i) => start(i))
  const open = openFrame([{ name: 'w', shape: [rows], dtype }])
  const frames: Frame[] = [open, anchor(0, [bytes(weights)], { dtype: 'f32' })]
  for (let t = 1; t <= steps; t++) {
    const step = move(weights, t, noise)
    step.forEach((value, i) => {
      weights[i]! += Math.fround(value)
    })
    const told = loss ? { metrics: { loss: loss(weights, t, noise) } } : {}
    frames.push(delta(t, [bytes(step)], { base: t - 1, dtype: 'f32', ...told }))
  }
  return [...frames, close(frames.length - 1)]
}

/** Gradient descent on a quadratic, with noise of gradients. */
const descent = (rate: (t: number) => number, noisy = 0.1): Training['move'] => {
  return (weights, t, noise) => weights.map((w) => -rate(t) * (w * 0.5 + noisy * noise()))
}
const square = (weights: Float64Array): number => weights.reduce((sum, w) => sum + w * w, 0) / rows

function alertsOf(training: Training, options: AnalyseOptions = {}, seed = 1): string[] {
  const { summaries, error } = analyseFrames(framesOf(training, seed), health(), options)
  if (error) throw error
  return idsOf(summaries)
}

const idsOf = (summaries: readonly Summary[]): string[] =>
  summaries.flatMap(({ alerts }) => alerts.map(({ id }) => id))

const usual = descent(() => 0.02)

conditions('is nothing in trainings that go well', () => {
  const quiet: Record<string, Training> = {
    descent: { steps: 400, move: usual, loss: square },
    'a warm-up of the learning rate': {
      steps: 400,
      move: descent((t) => 1e-4 * Math.min(t, 200)),
      loss: square,
    },
    'a cosine that begins anew': {
      steps: 600,
      move: descent((t) => 0.01 * (1.02 + Math.cos((Math.PI * (t % 200)) / 200))),
      loss: square,
    },
    'a step down of the learning rate': {
      steps: 400,
      move: descent((t) => (t < 200 ? 0.05 : 0.005)),
      loss: square,
    },
    'noise alone': { steps: 300, move: (w, _, noise) => w.map(() => 0.01 * noise()) },
  }
  for (const [what, training] of Object.entries(quiet)) {
    for (let seed = 1; seed <= 10; seed++) {
      const wrong = alertsOf(training, {}, seed).filter((id) => id !== 'health/plateau')
      assert.equal(wrong, [], `${what}, seed ${seed}`)
    }
  }
})

conditions('is nothing in a recorded training, nor in a part of it', () => {
  const reader = new FrameReader()
  reader.push(readFileSync('test/fixtures/mnist.thalweg'))
  const frames: Frame[] = []
  for (let frame = reader.next(); frame; frame = reader.next()) frames.push(structuredClone(frame))
  for (const options of [{}, { select: { to: 20 } }, { select: { from: 10, every: 2 } }]) {
    const { summaries } = analyseFrames(frames, health(), options)
    assert.equal(idsOf(summaries), [])
  }
})

conditions('is one spike of updates, once, with its step', () => {
  const move: Training['move'] = (w, t, noise) =>
    usual(w, t, noise).map((v) => (t === 150 || t === 151 ? 60 * v : v))
  const { summaries } = analyseFrames(framesOf({ steps: 200, move }), health())
  const alerts = summaries.flatMap((summary) => summary.alerts)
  assert.equal(
    alerts.map(({ id }) => id),
    ['health/update-spike']
  )
  assert.match(alerts[0]!.message, 'step 150: the update is')
})

conditions('is a spike of the loss', () => {
  const loss: Training['loss'] = (w, t, noise) => (t === 120 ? 9 : square(w) + 0.01 * noise())
  assert.equal(alertsOf({ steps: 200, move: usual, loss }), ['health/loss-spike'])
})

conditions(
  'is a spike or a divergence of losses below 0 as well, and not their noise about 0',
  () => {
    const below =
      (own: NonNullable<Training['loss']>): NonNullable<Training['loss']> =>
      (w, t, noise) =>
        own(w, t, noise) - 5
    const spike = below((w, t, noise) => (t === 120 ? 9 : square(w) + 0.01 * noise()))
    assert.equal(alertsOf({ steps: 200, move: usual, loss: spike }), ['health/loss-spike'])
    const wild = below((w, t) => (t < 200 ? square(w) : 20 + t))
    assert.ok(alertsOf({ steps: 260, move: usual, loss: wild }).includes('health/diverging'))
    const about: Training['loss'] = (_, t, noise) => noise() + 0.2 * Math.sin(t / 40)
    assert.equal(alertsOf({ steps: 250, move: usual, loss: about }), [])
  }
)

conditions('say a small update in its own digits', () => {
  const values = { updateNorm: 1e-9, updateRatio: 3.2e-7, nonFinite: 0, gaps: 0, stride: 1 }
  const [said] = says(values as Parameters<typeof says>[0])
  assert.is(said!.text, 'The last step moved the weights by 3.2e-7 of their norm.')
})

conditions('is a divergence, by updates or by the loss', () => {
  const move = descent((t) => (t < 200 ? 0.02 : 4.5))
  assert.ok(alertsOf({ steps: 240, move, loss: square }).includes('health/diverging'))
  const loss: Training['loss'] = (w, t) => (t < 200 ? square(w) : 10 + t)
  assert.ok(alertsOf({ steps: 260, move: usual, loss }).includes('health/diverging'))
})

conditions('is a jump back to the start', () => {
  const move: Training['move'] = (w, t, noise) =>
    t === 210 ? w.map((value) => 1 - value) : usual(w, t, noise)
  assert.ok(alertsOf({ steps: 260, move }).includes('health/restarted'))
})

conditions('is no jump where the weights swing around their start', () => {
  const move: Training['move'] = (w, t) => w.map(() => Math.sin(t) / 100)
  assert.equal(alertsOf({ steps: 260, move }), [])
})

conditions('is a plateau where the loss has stopped to fall, and none while it falls', () => {
  const flat: Training['loss'] = (_, t, noise) => 1 + 1 / t + 0.05 * noise()
  assert.equal(alertsOf({ steps: 600, move: usual, loss: flat }), ['health/plateau'])
  const falling: Training['loss'] = (_, t, noise) => 3 - t / 400 + 0.05 * noise()
  assert.equal(alertsOf({ steps: 600, move: usual, loss: falling }), [])
})

conditions('is weights that never move, in 16 bits most of them', () => {
  const move: Training['move'] = (w, t, noise) =>
    usual(w, t, noise).map((v, i) => (i % 10 === 0 ? 0 : v))
  assert.equal(alertsOf({ steps: 300, move }), ['health/unmoved'])
  const rounded: Training['move'] = (w, _, noise) =>
    w.map((_value, i) => (i % 10 === 0 ? 0.01 * noise() : 0))
  assert.equal(alertsOf({ steps: 300, move: rounded, dtype: 'bf16' }), ['health/lost-updates'])
})

conditions('is said even where blocks are not reported', () => {
  const move: Training['move'] = (w, t, noise) =>
    usual(w, t, noise).map((v) => (t === 150 ? 60 * v : v))
  const options = { emit: { every: 1000 } }
  assert.equal(alertsOf({ steps: 300, move }, options), ['health/update-spike'])
})

conditions('has figures of angle and path', () => {
  // A straight line, then a right angle at every step.
  const last = (training: Training) => {
    const { summaries } = analyseFrames(framesOf(training), health())
    return summaries.at(-1)!.values as Record<string, number>
  }
  const straight = last({ steps: 40, move: (w) => w.map(() => 0.25) })
  assert.ok(Math.abs(straight.pathRatio! - 1) < 1e-12)
  assert.ok(Math.abs(straight.updateCosine! - 1) < 1e-12)
  assert.ok(Math.abs(straight.updateAngle!) < 1e-5)
  const stairs = last({ steps: 40, move: (w, t) => w.map((_, i) => (i % 2 === t % 2 ? 0.25 : 0)) })
  assert.ok(Math.abs(stairs.updateCosine!) < 1e-12)
  assert.ok(Math.abs(stairs.updateAngle! - 90) < 1e-9)
  assert.ok(Math.abs(stairs.pathRatio! - Math.SQRT2) < 1e-12)
  assert.is(stairs.unmoved, 0)
})

conditions('is said of all steps that a recorded step adds up', () => {
  const zeros = Object.fromEntries(Object.keys(healthFigures).map((name) => [name, 0]))
  const values = { ...zeros, updateRatio: 0.0476 } as Parameters<typeof says>[0]
  const said = (stride: number) => says({ ...values, stride })[0]!.text
  assert.is(said(1), 'The last step moved the weights by 4.76 % of their norm.')
  assert.is(said(8), 'The last 8 steps together moved the weights by 4.76 % of their norm.')
})

conditions('is not that weights never moved where no step has come', () => {
  const frames = [
    openFrame([{ name: 'w', shape: [3], dtype: 'f32' }]),
    anchor(0, [bytes([1, 2, 3], 'f32')]),
    close(1),
  ]
  const { values } = analyseFrames(frames, health()).summaries.at(-1)!
  assert.ok(Number.isNaN(values.unmoved))
  assert.match(String(values.why), 'stride and unmoved need a recorded step')
})

conditions.run()

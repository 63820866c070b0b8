import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Frame } from '../../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame, random, tangent } from '../../engine/frames.ts'
import { exponentsOf } from '../../support/synthetic.ts'
import { analysed } from './members.ts'

const tangents = suite('exponents from tangent vectors')

const near = (value: number | null | undefined, expected: number, within: number): void =>
  assert.ok(Math.abs(value! - expected) <= within, `${value}, expected ${expected}`)

const two = { method: 'tangent', tangents: 2 } as const

tangents('of a linear map are exact to 1e-12, from any first directions', async () => {
  for (const [multipliers, truth] of [
    [
      [1.1, 0.8],
      [Math.log(1.1), Math.log(0.8)],
    ],
    [
      [Math.exp(0.1), Math.exp(-0.4)],
      [0.1, -0.4],
    ],
  ] as const) {
    const source = { map: 'linear', multipliers, steps: 300, members: 1, tangents: 2 }
    const { exponents, verdict } = await exponentsOf(source, two)
    truth.forEach((lambda, i) => {
      near(exponents[i], lambda, 1e-12)
    })
    assert.is(verdict, 'expanding')
  }
})

tangents('of Hénon add up to ln 0.3 to 1e-12 and hold the known ones', async () => {
  const source = { map: 'henon', steps: 40_000, stride: 10, members: 1, tangents: 2, seed: 4 }
  const { exponents, intervals, efoldings } = await exponentsOf(source, two)
  near(exponents[0]! + exponents[1]!, Math.log(0.3), 1e-12)
  near(exponents[0], 0.41922, 0.006)
  near(exponents[1], -1.62319, 0.006)
  assert.ok(intervals[0]![1] - intervals[0]![0] < 0.02)
  assert.ok(efoldings > 16_000)
})

tangents('of Lorenz are those of a strange attractor and its flow', async () => {
  const source = { map: 'lorenz', steps: 20_000, stride: 20, members: 1, tangents: 3, seed: 1 }
  const { exponents } = await exponentsOf(source, { method: 'tangent', tangents: 3 })
  const [a, b, c] = exponents.map((value) => value! / 0.01)
  near(a, 0.9056, 0.05)
  near(b, 0, 0.02)
  near(c, -14.5723, 0.05)
  near(a! + b! + c!, -41 / 3, 1e-3)
})

/** A matrix M of 3 x 3 by rows, and what becomes of two vectors under it, renormalised by the trainer in one way. */
const matrix = [1.05, 0.2, 0, 0, 0.9, 0.1, 0, 0, 0.6]
type Renormalise = (vectors: number[][], step: number) => { reset?: number[]; logs?: number[] }
function stream(renormalise: Renormalise, every = 1, dtype: 'f32' | 'f64' = 'f64'): Frame[] {
  const shape = [{ name: 'w', shape: [3], dtype }]
  const frames: Frame[] = [openFrame(shape), anchor(0, [bytes([1, 1, 1], dtype)])]
  let vectors = [
    [1, 0.5, -0.2],
    [0.3, -1, 0.4],
  ]
  for (let step = 1; step <= 60; step++) {
    vectors = vectors.map((v) =>
      [0, 1, 2].map((i) => v.reduce((sum, value, k) => sum + matrix[3 * i + k]! * value, 0))
    )
    if (step % every === 0) {
      const { reset, logs } = renormalise(vectors, step)
      vectors.forEach((v, index) => {
        const extra = { logScale: logs?.[index] ?? 0, ...(index === 0 && reset ? { reset } : {}) }
        frames.push(tangent(step, index, [bytes(v, dtype)], extra))
      })
    }
    frames.push(delta(step, [bytes([1e-3, 0, step / 1e3], dtype)]))
  }
  return [...frames, close(frames.length - 1)]
}

const norm = (v: number[]): number => Math.hypot(...v)
const none: Renormalise = () => ({})
const totals = [0, 0]
const byScale: Renormalise = (vectors, step) => {
  vectors.forEach((v, m) => {
    if (step === 1) totals[m] = 0
    const length = norm(v)
    totals[m]! += Math.log(length)
    v.forEach((value, i) => {
      v[i] = value / length
    })
  })
  return { logs: [...totals] }
}
/** V = QR; a negative diagonal entry is as good as a positive one. */
const byFactor: Renormalise = (vectors) => {
  const [a, b] = vectors as [number[], number[]]
  const r = -norm(a)
  const q = a.map((value) => value / r)
  const along = q.reduce((sum, value, i) => sum + value * b[i]!, 0)
  const rest = b.map((value, i) => value - along * q[i]!)
  const s = norm(rest)
  vectors[0] = q
  vectors[1] = rest.map((value) => value / s)
  return { reset: [r, along, 0, s] }
}

tangents('do not depend on how the trainer renormalises', () => {
  const own = analysed(stream(byFactor), two).last
  near(own.exponents[0], Math.log(1.05), 2e-3)
  near(own.exponents[1], Math.log(0.9), 2e-3)
  // Vectors that are only scaled turn towards each other, to an angle of (0.9 / 1.05)^60 = 1e-4 here: the Gram's rounding
  // is then 1e-8 of the second length, 3e-10 of its rate over 40 steps.
  for (const way of [none, byScale]) {
    const { last } = analysed(stream(way), two)
    assert.equal(last.window, own.window)
    near(last.exponents[0], own.exponents[0]!, 1e-14)
    near(last.exponents[1], own.exponents[1]!, 1e-9)
  }
  const single = analysed(stream(byFactor, 1, 'f32'), two).last
  near(single.exponents[1], own.exponents[1]!, 1e-6)
})

tangents('may come more seldom than deltas', () => {
  const all = analysed(stream(byFactor), two).last
  const some = analysed(stream(byFactor, 3), two).last
  assert.equal(some.exponents.map(Number.isFinite), [true, true])
  some.exponents.forEach((value, i) => {
    near(value, all.exponents[i]!, 2e-3)
  })
})

tangents('are those of the recorded steps where deltas are summed', () => {
  const all = analysed(stream(byFactor), two, { select: { from: 1 } }).last
  const third = analysed(stream(byFactor), two, { select: { every: 3 } }).last
  assert.is(third.window![1] % 3, 0)
  third.exponents.forEach((value, i) => {
    near(value, all.exponents[i]!, 2e-3)
  })
  const single = analysed(stream(byFactor, 3), two).last
  assert.equal(third.window, single.window)
  third.exponents.forEach((value, i) => {
    near(value, single.exponents[i]!, 2e-3)
  })
})

tangents('say the same for any number of shards and blocks', () => {
  const next = random(9)
  const shape = [{ name: 'w', shape: [1500] }]
  const frames: Frame[] = [openFrame(shape)]
  for (let step = 1; step <= 30; step++) {
    const row = (): Uint8Array => bytes(Array.from({ length: 1500 }, next))
    frames.push(tangent(step, 0, [row()], { logScale: step / 10 }), tangent(step, 1, [row()]))
    frames.push(delta(step, [row()]))
  }
  const of = (options: object): string => {
    const { last, error } = analysed(frames, two, options)
    assert.is(error, undefined)
    return JSON.stringify(last)
  }
  const whole = of({ block: 8 })
  for (const shards of [2, 3, 6]) assert.is(of({ block: 8, shards }), whole)
  assert.is(of({ block: 16 }), whole)
})

tangents('leave out what is not finite, and what comes after its delta', () => {
  const frames = stream(byFactor)
  const spoilt = frames.map((frame) =>
    frame.kind === 'tangent' && frame.step === 30 && frame.index === 1
      ? { ...frame, data: [bytes([NaN, 0, 0], 'f64')] }
      : frame
  )
  const { last, error } = analysed(spoilt, two)
  assert.is(error, undefined)
  near(last.exponents[0], Math.log(1.05), 1e-2)
  const late: Frame[] = []
  for (const frame of frames) {
    if (frame.kind !== 'delta') late.push(frame)
    else late.splice(late.length - 2, 0, frame)
  }
  const none = analysed(late, two).last
  assert.is(none.verdict, 'insufficient')
  assert.match(none.why, /no tangent frame has come/)
})

tangents('close their window at a gap', () => {
  const frames = stream(byFactor).map((frame) =>
    frame.kind === 'delta' ? { ...frame, base: frame.step - (frame.step === 21 ? 5 : 1) } : frame
  )
  assert.equal(analysed(frames, two).last.window![1], 60)
  assert.ok(analysed(frames, two).last.window![0] >= 21)
})

tangents.run()

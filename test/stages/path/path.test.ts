import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { path } from '../../../src/stages/path/index.ts'
import type { PathValues } from '../../../src/stages/path/report.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { analyseFrames, framesOf } from '../harness.ts'
import { gaussian } from '../koopman/runs.ts'

const paths = suite('path')

type Row = readonly number[]

const near = (value: number, expected: number, within: number, what = ''): void =>
  assert.ok(Math.abs(value - expected) <= within, `${what} ${value}, expected ${expected}`)

const { says } = path.definition

function lastOf(frames: readonly Frame[], options: Parameters<typeof path>[0] = {}): PathValues {
  const { summaries, error } = analyseFrames(frames, path(options), { emit: { every: 1e6 } })
  if (error) throw error
  return summaries.at(-1)!.values as unknown as PathValues
}

/** Deltas as they arrive, in f32, and positions out of these. */
function recorded(steps: number, rows: number, deltaOf: (t: number, k: number) => number) {
  const deltas = Array.from({ length: steps }, (_, t) =>
    Array.from({ length: rows }, (_, k) => Math.fround(deltaOf(t, k)))
  )
  const positions: number[][] = [Array(rows).fill(0)]
  for (const delta of deltas) positions.push(positions.at(-1)!.map((z, k) => z + delta[k]!))
  return { deltas, positions }
}

const dot = (a: Row, b: Row): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0)
const minus = (a: Row, b: Row): number[] => a.map((value, k) => value - b[k]!)
const cosine = (a: Row, b: Row): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

paths('is what its definitions say of a path that is known', () => {
  const normal = gaussian(1)
  const { deltas, positions } = recorded(
    320,
    300,
    (t, k) => normal() + (k === 0 ? 1 : 0.1) * Math.cos(t / 50)
  )
  const anchor = Array.from({ length: 300 }, () => Math.fround(5 * normal()))
  const values = lastOf(framesOf({ deltas: [deltas], anchors: [anchor] }))
  const steps = Array.from({ length: 20 }, (_, i) => 16 * i)
  assert.is(values.kept, 20)
  assert.is(values.spacing, 16)
  assert.equal(values.window, [0, 304])
  assert.equal(values.trajectoryMap!.rows, steps.slice(1))
  const z = steps.map((step) => positions[step]!)
  const w = z.map((own) => own.map((value, k) => value + anchor[k]!))
  const within = 1e-7
  let similarity = 0
  for (let i = 1; i < 20; i++) {
    for (let j = 1; j < 20; j++) {
      near(values.trajectoryMap!.values[i - 1]![j - 1]!, cosine(z[i]!, z[j]!), within)
      near(values.weightMap!.values[i]![j]!, cosine(w[i]!, w[j]!), within)
      similarity += cosine(z[i]!, z[j]!) / 19 ** 2
    }
  }
  near(values.similarity, similarity, within)
  const updates = z.slice(1).map((own, i) => minus(own, z[i]!))
  const lengths = updates.map((own) => Math.sqrt(dot(own, own)))
  const end = Math.sqrt(dot(z[19]!, z[19]!))
  near(values.pathRatio, lengths.reduce((a, b) => a + b) / end, 1e-6)
  lengths.forEach((length, i) => {
    near(values.speed!.values[0]![i]!, length / 16, 1e-6)
  })
  for (const { lag, cosine: mean, pairs, angle } of values.turns!) {
    const places = lag / 16
    const all = updates.slice(places).map((own, i) => cosine(own, updates[i]!))
    assert.is(pairs, all.length)
    near(mean, all.reduce((a, b) => a + b) / all.length, 1e-6, `lag ${lag}`)
    near(Math.cos((angle / 180) * Math.PI), mean, 1e-9)
  }
  assert.equal(
    values.turns!.map(({ lag }) => lag),
    [16, 32, 64, 128]
  )
  const square = deltas[304]!.reduce((sum, value) => sum + value * value, 0) / 300
  near(values.layers!.values[0]!.at(-1)!, Math.sqrt(square), 1e-7)
  assert.is(values.error, 0)
})

paths('the start of f64 weights is no direction, though f32 rounds something off it', () => {
  const normal = gaussian(6)
  const deltas = Array.from({ length: 160 }, () => Array.from({ length: 300 }, () => normal() + 1))
  const anchor = Array.from({ length: 300 }, () => 5 * normal())
  const values = lastOf(framesOf({ deltas: [deltas], anchors: [anchor], dtype: 'f64' }))
  assert.is(values.kept, 10)
  assert.equal(
    values.trajectoryMap!.rows,
    Array.from({ length: 9 }, (_, i) => 16 * (i + 1))
  )
  const whole = lastOf(framesOf({ deltas: [deltas], dtype: 'f64' })).similarity
  near(values.similarity, whole, 1e-6)
})

paths('components hold the variance, and place the path as it lies', () => {
  const normal = gaussian(2)
  const { deltas, positions } = recorded(400, 40, () => normal())
  const { explained, components } = lastOf(framesOf({ deltas: [deltas] }))
  const z = components!.steps.map((step) => positions[step]!)
  const mean = z[0]!.map((_, k) => z.reduce((sum, own) => sum + own[k]!, 0) / z.length)
  const whole = z.reduce((sum, own) => sum + dot(minus(own, mean), minus(own, mean)), 0)
  components!.values.forEach((score, c) => {
    near(dot(score, score) / whole, explained![c]!, 1e-6)
  })
  near(dot(components!.values[0]!, components!.values[1]!) / whole, 0, 1e-9)
  assert.ok(explained!.every((share, i) => i === 0 || share <= explained![i - 1]!))
})

paths('a straight line is directed, what turns about a point is confined', () => {
  const line = lastOf(framesOf({ deltas: [recorded(320, 50, (_, k) => k - 20).deltas] }))
  assert.is(line.verdict, 'directed')
  near(line.pathRatio, 1, 1e-6)
  near(line.similarity, 1, 1e-9)
  near(line.turns![0]!.cosine, 1, 1e-9)
  near(line.explained![0]!, 1, 1e-9)
  const normal = gaussian(3)
  const at = Array.from({ length: 641 }, () => Array.from({ length: 2000 }, normal))
  const noise = lastOf(framesOf({ deltas: [at.slice(1).map((row, t) => minus(row, at[t]!))] }))
  assert.is(noise.verdict, 'confined')
  near(noise.turns![0]!.cosine, -0.5, 0.02)
  assert.match(says(noise)[0]!.text, /turns back more than a random walk/)
})

paths('a random walk is told to be one, its components to be cosines of time', () => {
  const normal = gaussian(4)
  const values = lastOf(framesOf({ deltas: [recorded(500, 3000, () => normal()).deltas] }))
  assert.is(values.verdict, 'walk')
  // Antognini and Sohl-Dickstein: 6 / π².
  near(values.explained![0]!, 0.608, 0.03)
  near(values.explainedNull![0]!, 0.608, 0.03)
  near(values.similarity, values.similarityNull, 0.05)
  near(values.turns![0]!.cosine, 0, 0.02)
  assert.ok(values.lissajous > 0.95 && values.lissajousNull > 0.95, `${values.lissajous}`)
  const warned = says(values).find(({ level }) => level === 'warn')!
  assert.match(warned.text, /^Cosines of time explain (9\d|100) %.*Lissajous/)
})

paths('a path of ten loops is told by nothing but itself', () => {
  const { deltas } = recorded(500, 400, (t, k) =>
    k === 0 ? Math.cos(t / 30) : k === 1 ? Math.sin(t / 19) : 0
  )
  const values = lastOf(framesOf({ deltas: [deltas] }))
  assert.ok(values.lissajous < 0.5, `${values.lissajous}`)
  assert.not(says(values).some(({ level }) => level === 'warn'))
})

paths('a sketch of a larger model tells cosines to the error that it states', () => {
  const rows = 150_000
  const normal = gaussian(5)
  const directions = Array.from({ length: 3 }, () => Float64Array.from({ length: rows }, normal))
  const deltas = Array.from({ length: 64 }, (_, t) =>
    Float32Array.from({ length: rows }, (_, k) => directions[t >> 5]![k]! + directions[2]![k]!)
  )
  const { trajectoryMap, turns, error, layers } = lastOf(framesOf({ deltas: [deltas] }), {})
  near(error, 1 / 256, 1e-12)
  // Updates of the first and the second half share a half of their squares.
  near(trajectoryMap!.values[0]![1]!, 1, 1e-6)
  near(turns![0]!.cosine, 0.75, 4 * error)
  near(layers!.values[0]![0]!, Math.SQRT2, 0.01)
})

paths('the grid becomes coarser, and so its memory stays', () => {
  const { deltas, positions } = recorded(16 * 43, 20, (t, k) => Math.cos(t / (9 + k)))
  const values = lastOf(framesOf({ deltas: [deltas] }), { checkpoints: 8 })
  assert.is(values.spacing, 128)
  const steps = [0, 128, 256, 384, 512, 640]
  assert.equal(values.speed!.steps, steps.slice(1))
  for (const [i, a] of steps.slice(1).entries()) {
    for (const [j, b] of steps.slice(1).entries()) {
      near(values.trajectoryMap!.values[i]![j]!, cosine(positions[a]!, positions[b]!), 1e-6)
    }
  }
})

paths('keeps nothing while the position is not known', () => {
  const { deltas } = recorded(200, 20, () => 1)
  const frames = framesOf({ deltas: [deltas] }).filter(
    (frame) => frame.kind !== 'delta' || frame.step !== 60
  )
  const values = lastOf(frames)
  assert.ok(values.window![1] <= 60, `${values.window}`)
  assert.is(values.weightMap, null)
  assert.match(values.why!, /need an anchor/)
})

paths('another member has no positions', () => {
  const { deltas } = recorded(20, 5, () => 1)
  assert.throws(() => lastOf(framesOf({ deltas: [deltas, deltas] }), { member: 1 }), /no positions/)
})

paths('that ends where it began is confined, and one that never moves is nothing', () => {
  // A quarter turn from block to block of sixteen; the last of 17 checkpoints is where the first was.
  const corners = [1, 0, -1, 0]
  const at = (t: number, k: number): number => corners[(Math.floor(t / 16) + k) % 4]!
  const { deltas } = recorded(272, 2, (t, k) => at(t + 1, k) - at(t, k))
  const closed = lastOf(framesOf({ deltas: [deltas] }))
  assert.is(closed.verdict, 'confined')
  assert.match(closed.why!, /ends where it began/)
  assert.is(says!(closed)[0]!.text, 'The path ends exactly where it began.')
  const still = recorded(272, 2, () => 0)
  const constant = lastOf(framesOf({ deltas: [still.deltas] }))
  assert.is(constant.verdict, 'insufficient')
  assert.match(says!(constant)[0]!.text, /^The weights are the same at all checkpoints/)
})

paths.run()

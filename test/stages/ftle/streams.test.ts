import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../../src/error.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { anchor, bytes, random } from '../../engine/frames.ts'
import { analyseFrames } from '../harness.ts'
import { analysed, orbit, type State, stream } from './members.ts'

const streams = suite('twins in streams that are not whole')

const near = (value: number | null | undefined, expected: number, within: number): void =>
  assert.ok(Math.abs(value! - expected) <= within, `${value}, expected ${expected}`)

/** Growth by 1.1 a step along one coordinate; the last gives the weights their norm. */
const growing = ([x, y, norm]: State): State => [1.1 * x!, y!, norm!]
const grown = (epsilon: number, steps: number): State[] => orbit([epsilon, 0, 1], steps, growing)

const is = (frame: Frame, kind: Frame['kind'], step: number, member: number): boolean =>
  frame.kind === kind && 'step' in frame && frame.step === step && frame.member === member

/** The frame's values, all NaN. */
const spoiled = (frame: Frame): Frame =>
  frame.kind === 'delta' ? { ...frame, data: [bytes([NaN, NaN, NaN], 'f64')] } : frame

streams('end without anchors of both members in one clear error', () => {
  const frames = stream([grown(0, 40), grown(1e-6, 40)])
  for (const left of [
    frames.filter((frame) => frame.kind !== 'anchor'),
    frames.filter((frame) => !is(frame, 'anchor', 0, 1)),
    frames.flatMap((frame) =>
      is(frame, 'anchor', 0, 1)
        ? []
        : is(frame, 'delta', 5, 1)
          ? [anchor(4, [bytes([1e-6, 0, 1], 'f64')], { member: 1 }), frame]
          : [frame]
    ),
  ]) {
    const { error } = analysed(left)
    assert.is((error as ThalwegError).code, 'E_ANCHOR')
    assert.match((error as ThalwegError).message, /members 0 and 1 .* step 16 .*Send an anchor/)
  }
  assert.is(analysed(frames).error, undefined)
})

streams('take a twin whose anchor comes later with member 0', () => {
  const [zero, twin] = [grown(0, 60), grown(1e-6, 60)]
  const frames = stream([zero, twin]).flatMap((frame): Frame[] => {
    if (frame.kind === 'anchor' && frame.member === 1) return []
    if (frame.kind === 'delta' && frame.member === 1 && frame.step <= 10) return []
    if (!is(frame, 'delta', 11, 0)) return [frame]
    return [0, 1]
      .map((member): Frame => anchor(10, [bytes([zero, twin][member]![10]!, 'f64')], { member }))
      .concat(frame)
  })
  const { last, error } = analysed(frames)
  assert.is(error, undefined)
  near(last.exponents[0], Math.log(1.1), 1e-9)
  assert.equal(last.window, [11, 60])
})

streams('close the window of a twin that turns non-finite and go on with the others', () => {
  const frames = stream([grown(0, 70), grown(1e-6, 70), grown(3e-6, 70)])
  const { last, error } = analysed(
    frames.map((frame) => (is(frame, 'delta', 31, 1) ? spoiled(frame) : frame)),
    { norms: ['l2'] }
  )
  assert.is(error, undefined)
  near(last.exponents[0], Math.log(1.1), 1e-9)
  assert.equal(last.window, [31, 70], 'the longer stretch, with the twin that is left')
  assert.match(last.why, /member 1 turned non-finite/)
  const { values: l2 } = last.separations!
  assert.ok(l2![0]!.slice(30).every(Number.isNaN) && l2![0]!.slice(0, 30).every(Number.isFinite))
  assert.ok(l2![1]!.every(Number.isFinite))
})

streams('keep what was known of a twin that turned non-finite', () => {
  const frames = stream([grown(0, 70), grown(1e-6, 70)])
  const { last } = analysed(
    frames.map((frame) => (is(frame, 'delta', 61, 1) ? spoiled(frame) : frame))
  )
  assert.equal(last.window, [1, 60])
  assert.is(last.verdict, 'expanding')
  assert.ok(Number.isNaN(last.distances[0]))
  assert.match(last.why, /member 1 turned non-finite/)
})

streams('do not know a separation after a missing step, until both members anchor', () => {
  const members = [grown(0, 80), grown(1e-6, 80)]
  const frames = stream(members).filter((frame) => !is(frame, 'delta', 20, 1))
  const lost = analysed(frames, { norms: ['l2'] }).last
  assert.equal(lost.window, [1, 19])
  assert.ok(lost.separations!.values[0]!.slice(19).every(Number.isNaN))
  assert.match(lost.why, /separation of member 1/)
  const anchored = frames.flatMap((frame): Frame[] =>
    is(frame, 'delta', 31, 0)
      ? [0, 1]
          .map((member): Frame => anchor(30, [bytes(members[member]![30]!, 'f64')], { member }))
          .concat(frame)
      : [frame]
  )
  const found = analysed(anchored, { norms: ['l2'] }).last
  assert.equal(found.window, [31, 80])
  near(found.exponents[0], Math.log(1.1), 1e-9)
  const { steps, values: l2 } = found.separations!
  steps.forEach((t, i) => {
    // The anchor says where the twin is, not where it was earlier in the block that begins at step 17.
    if (t >= 17 && t <= 30) assert.ok(Number.isNaN(l2![0]![i]))
    else near(l2![0]![i]! / (1e-6 * 1.1 ** t), 1, 1e-9)
  })
})

streams('do not join what lies on two sides of a break', () => {
  // The trainer goes back to step 30 with both members, perturbed anew.
  const first = stream([grown(0, 40), grown(1e-6, 40)]).slice(0, -1)
  const second = stream([grown(0, 60), grown(1e-6, 60)])
    .slice(1)
    .map(
      (frame): Frame =>
        'step' in frame
          ? ({
              ...frame,
              step: frame.step + 30,
              ...('base' in frame ? { base: frame.base! + 30 } : {}),
            } as Frame)
          : frame
    )
  const { last, error } = analysed([...first, ...second])
  assert.is(error, undefined)
  assert.equal(last.window, [31, 90])
  near(last.exponents[0], Math.log(1.1), 1e-9)
})

streams('keep the window of growth however long the run goes on', () => {
  const next = random(4)
  // Growth that ends on an orbit of its own, then 12,000 steps in which nothing new happens.
  const map = ([x, y, norm]: State): State => [1 - 1.4 * x! * x! + y!, 0.3 * x!, norm!]
  const start = orbit([0.1 * next(), 0.1 * next(), 0.5], 500, map).at(-1)!
  const members = [start, [start[0]! + 1e-11, start[1]!, 0.5]].map((w) => orbit(w, 12_000, map))
  const short = analysed(stream(members.map((states) => states.slice(0, 400)))).last
  const { last } = analysed(stream(members), { norms: ['l2'] })
  assert.equal(last.window, short.window)
  assert.equal(last.exponents, short.exponents)
  const { steps } = last.separations!
  assert.ok(steps.length <= 4096 && steps.at(-1)! > 11_990)
  const [from, to] = last.window!
  const read = steps.filter((t) => t >= from && t <= to)
  assert.equal(
    read,
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
  )
})

streams('read a long decline at the resolution that is left', () => {
  const map = ([x, y, norm]: State): State => [0.999 * x!, y!, norm!]
  const members = [0, 1e-3].map((e) => orbit([e, 0, 1], 9000, map))
  const { last } = analysed(stream(members))
  assert.is(last.verdict, 'contracting')
  near(last.exponents[0], Math.log(0.999), 1e-7)
  assert.ok(last.window![1] - last.window![0] > 8900)
})

streams('say the same however often they are asked', () => {
  const frames = stream([grown(0, 300), grown(1e-9, 300)])
  const [often, once] = [1, 1e6].map((every) => analysed(frames, {}, { emit: { every } }))
  assert.equal(often!.last, once!.last)
  assert.is(often!.last.verdict, 'expanding')
})

const tensors = [
  { name: 'a.kernel', rows: 900 },
  { name: 'a.bias', rows: 10 },
  { name: 'b.kernel', rows: 1300 },
]
/** Three members of 2,210 weights whose tensors part at rates of their own. */
const wide = (): State[][] => {
  const next = random(6)
  const start = Array.from({ length: 2210 }, next)
  const rate = (i: number): number => (i < 900 ? 1.1 : i < 910 ? 1 : 0.85)
  const apart = [0, 1, 2].map((m) =>
    start.map((_, i) => (m === 0 ? 0 : (i < 910 ? 1e-4 : 1e-3) * next()))
  )
  return apart
    .map((own) => orbit(own, 50, (w) => w.map((v, i) => rate(i) * v)))
    .map((states) => states.map((w) => w.map((v, i) => Math.fround(start[i]! + v))))
}

streams('give the same bits for any number of shards', () => {
  const frames = stream(wide(), { tensors, dtype: 'f32' })
  const of = (shards: number, per: 'model' | 'tensor'): string =>
    JSON.stringify(analyseFrames(frames, ftle({ per, norms: ['l2', 'l1'] }), { shards, block: 7 }))
  for (const per of ['model', 'tensor'] as const) {
    const whole = of(1, per)
    assert.match(whole, /"exponents":\[0\.0/)
    for (const shards of [2, 3, 5, 9]) assert.is(of(shards, per), whole)
  }
})

streams('read each tensor against its own weights', () => {
  const { summaries } = analyseFrames(
    stream(wide(), { tensors, dtype: 'f32' }),
    ftle({ per: 'tensor' }),
    { block: 8 }
  )
  const last = summaries.slice(-3)
  assert.equal(
    last.map((summary) => summary.scope),
    ['tensor:a.kernel', 'tensor:a.bias', 'tensor:b.kernel']
  )
  const values = last.map(
    (summary) => summary.values as { exponents: number[]; floor: number; verdict: string }
  )
  near(values[0]!.exponents[0], Math.log(1.1), 1e-3)
  near(values[2]!.exponents[0], Math.log(0.85), 1e-3)
  assert.equal(
    values.map((value) => value.verdict),
    ['insufficient', 'insufficient', 'contracting']
  )
  // Uniform weights in [-1, 1): a norm of √(n / 3).
  near(values[0]!.floor / (10 * 2 ** -24 * Math.sqrt(300)), 1, 0.05)
  near(values[1]!.floor / (10 * 2 ** -24 * Math.sqrt(10 / 3)), 1, 0.5)
})

streams('say the same in the middle of a stream as at its end there', () => {
  const members = wide()
  const until = (steps: number): unknown[] =>
    analyseFrames(
      stream(
        members.map((states) => states.slice(0, steps + 1)),
        { tensors, dtype: 'f32' }
      ),
      ftle(),
      { block: 8 }
    ).summaries.map(({ step, values }) => ({ step, values }))
  const all = until(50)
  // Ends inside a block are peeks; full blocks before them are those of the longer stream.
  for (const steps of [8, 20, 37]) {
    const own = until(steps)
    const blocks = Math.floor(steps / 8)
    assert.equal(own.slice(0, blocks), all.slice(0, blocks))
  }
  assert.equal(until(40).at(-1), all[4])
})

streams.run()

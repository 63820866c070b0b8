import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Dtype, Frame, Payload } from '../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame, random } from './frames.ts'

const unusable = suite('values that cannot be used')

const rows = 700

const openOf = (dtype: Dtype, members = 1) =>
  openFrame(
    [
      { name: 'a', shape: [3], dtype },
      { name: 'w', shape: [rows], dtype },
    ],
    { members }
  )

/** Twelve steps of ordinary moves; step 5 brings this for tensor `w`. */
function frames(payload: (moves: Float64Array) => Payload, dtype: 'f32' | 'f64', member = 0) {
  const next = random(3)
  const small = bytes([1e-3, 2e-3, 3e-3], dtype)
  const made: Frame[] = [openOf(dtype, member + 1)]
  for (let step = 1; step <= 12; step++) {
    for (let m = 0; m <= member; m++) {
      const moves = Float64Array.from({ length: rows }, () => next() / 100)
      const data = step === 5 && m === member ? payload(moves) : bytes(moves, dtype)
      made.push(delta(step, [small, data], { base: step - 1, member: m }))
    }
  }
  return made
}

function analysed(made: Frame[], options: AnalyseOptions = {}, member = 0) {
  const summaries: Summary[] = []
  let error: ThalwegError | undefined
  from(made)
    .pipe(analyse({ block: 4, ...options }, svd({ rank: 2, member })))
    .subscribe({
      next: (block) => summaries.push(...block.summaries),
      error: (thrown: ThalwegError) => {
        error = thrown
      },
    })
  const last = (stage: string) => summaries.filter((each) => each.stage === stage).at(-1)!
  const alerts = summaries.flatMap((summary) => summary.alerts)
  return { summaries, error, last, alerts }
}

const spike = (value: number, dtype: 'f32' | 'f64') => (moves: Float64Array) =>
  bytes(
    moves.map((move, i) => (i === 650 ? value : move)),
    dtype
  )
const cases: readonly [string, 'f32' | 'f64', (moves: Float64Array) => Payload, string][] = [
  ['a spike of 1e38', 'f32', spike(1e38, 'f32'), 'health/too-large'],
  ['a spike of -1e38', 'f32', spike(-1e38, 'f32'), 'health/too-large'],
  ['the first value that is too large', 'f32', spike(2 ** 100, 'f32'), 'health/too-large'],
  ['a spike of 1e100', 'f64', spike(1e100, 'f64'), 'health/too-large'],
  ['a spike of 1e308', 'f64', spike(1e308, 'f64'), 'health/too-large'],
  ['a NaN', 'f32', spike(Number.NaN, 'f32'), 'health/non-finite'],
  ['an infinity', 'f64', spike(-Infinity, 'f64'), 'health/non-finite'],
  [
    'a spike in a patch',
    'f32',
    () => ({ i: new Uint8Array(Uint32Array.of(3, 650).buffer), v: bytes([1, 1e35]) }),
    'health/too-large',
  ],
  [
    'a spike in a range',
    'f64',
    () => ({ o: 640, b: bytes([1, 1e200], 'f64') }),
    'health/too-large',
  ],
]

for (const [name, dtype, payload, id] of cases) {
  unusable(`end a run or drop the step, and are named as what they are: ${name}`, () => {
    const { error } = analysed(frames(payload, dtype))
    assert.is(error?.code, id === 'health/too-large' ? 'E_TOO_LARGE' : 'E_NONFINITE')
    assert.match(error!.message, 'step 5: tensor "w" of the delta holds')
    assert.match(error!.message, id === 'health/too-large' ? 'too large' : 'a NaN or an infinity')
    for (const options of [{}, { shards: 3 }, { select: { every: 2 } }]) {
      const dropped = analysed(frames(payload, dtype), { nonFinite: 'drop', ...options })
      assert.is(dropped.error, undefined)
      assert.is(dropped.last('health').values.nonFinite, 1)
      assert.match(dropped.alerts.find((alert) => alert.id === id)!.message, 'step 5: tensor "w"')
      assert.ok(dropped.last('svd').step >= 11)
      assert.ok(Number.isFinite(dropped.last('svd').values.captured))
    }
  })
}

unusable('are not those just below: all figures of such a run are finite', () => {
  const most = 2 ** 100 * (1 - 2 ** -24)
  for (const mode of ['strict', 'fast'] as const) {
    for (const dtype of ['f32', 'f64'] as const) {
      const made = frames(
        (moves) =>
          bytes(
            moves.map((x) => (x > 0 ? most : -most)),
            dtype
          ),
        dtype
      )
      const { error, last } = analysed(made, { mode })
      assert.is(error, undefined)
      const { singularValues, captured, capturedNull, energy } = last('svd').values
      for (const value of [...(singularValues as number[]), captured, capturedNull, energy]) {
        assert.ok(Number.isFinite(value))
      }
      assert.ok(Math.abs((singularValues as number[])[0]! / (most * Math.sqrt(rows)) - 1) < 1e-3)
    }
  }
})

unusable('of an anchor leave it out', () => {
  const made = frames(spike(1e-3, 'f64'), 'f64')
  const small = bytes([1, 2, 3], 'f64')
  const huge = bytes(new Float64Array(rows).fill(1e90), 'f64')
  const ones = bytes(new Float64Array(rows).fill(1), 'f64')
  made.splice(1, 0, anchor(0, [small, ones]))
  made.splice(6, 0, anchor(4, [small, huge]))
  assert.is(analysed(made).error?.code, 'E_TOO_LARGE')
  const dropped = analysed(made, { nonFinite: 'drop' })
  assert.match(dropped.alerts[0]!.message, 'step 4: tensor "w" of the anchor')
  assert.ok(Number(dropped.last('health').values.weightNorm) < 100)
})

unusable('of another member close its window', () => {
  const { error, alerts } = analysed(frames(spike(1e38, 'f32'), 'f32', 1), {}, 1)
  assert.is(error, undefined)
  assert.match(alerts.find(({ id }) => id === 'health/too-large')!.message, 'member 1, step 5')
})

unusable.run()

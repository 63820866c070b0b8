import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exitCodes } from '../../src/error.ts'
import { bytes, delta, f32, open, pack, random, read, stream, u32 } from './streams.ts'

const fuzz = suite('damaged streams')

const frames = [
  open({ members: 2, meta: { lr: 0.1, at: new Date(1e12) } }),
  { kind: 'anchor', step: 0, data: [f32(1, 2, 3)] },
  delta({ member: 1, base: 0, epoch: 0.5, metrics: { loss: 2.5 } }),
  delta({ step: 2, more: true, data: [{ o: 0, b: f32(1) }] }),
  delta({ step: 2, data: [{ i: u32(1, 2), v: f32(4, 5) }] }),
  delta({ step: 3, data: [[1, 2.5, -3]] }),
  {
    kind: 'tangent',
    step: 3,
    index: 0,
    logScale: 1,
    reset: { r: new Uint8Array(8) },
    data: [null],
  },
  { kind: 'metrics', step: 3, metrics: { accuracy: 1 } },
  { kind: 'close', frames: 7 },
].map(pack)
const good = bytes(...frames)

/** Tokens that begin something large, nested or forbidden. */
const tokens = [0x80, 0x8f, 0x91, 0x9f, 0xa4, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf]
tokens.push(0xd3, 0xd4, 0xd5, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff, 0x74, 0x72, 0x40)

/** Reads in one piece and in random pieces: no error but our own may come, and the same one from both. */
function readBothWays(damaged: Uint8Array, next: () => number): string {
  const whole = read(damaged)
  const pieces = read(damaged, () => 1 + Math.floor(next() ** 3 * 200))
  assert.equal(pieces, whole)
  if (!whole.error) return whole.end!
  assert.ok(whole.error.code in exitCodes)
  assert.type(whole.error.offset, 'number')
  assert.ok(whole.error.offset! <= damaged.length)
  return whole.error.code
}

function damage(next: () => number): Uint8Array {
  const anywhere = (below = good.length): number => Math.floor(next() * below)
  let damaged: Uint8Array = good.slice()
  for (let count = 1 + anywhere(3); count > 0; count--) {
    const at = anywhere(damaged.length)
    const kinds = [
      () => damaged.fill(anywhere(256), at, at + 1),
      () => damaged.fill(tokens[anywhere(tokens.length)]!, at, at + 1),
      () => damaged.fill((damaged[at] ?? 0) ^ (1 << anywhere(8)), at, at + 1),
      () => bytes(damaged.subarray(0, at), damaged.subarray(at + 1 + anywhere(10))),
      () => bytes(damaged.subarray(0, at), tokens[anywhere(tokens.length)]!, damaged.subarray(at)),
      () => bytes(damaged.subarray(0, at), damaged.subarray(anywhere(damaged.length))),
      () => damaged.subarray(0, at),
      () => bytes(...frames.filter(() => next() < 0.8)),
    ]
    damaged = kinds[anywhere(kinds.length)]!()
  }
  return damaged
}

fuzz('end in frames or an error of ours, the same for any chunks', () => {
  const next = random(11)
  const outcomes = new Map<string, number>()
  for (let round = 0; round < 4000; round++) {
    const outcome = readBothWays(damage(next), next)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  // The damage is of many kinds, or it would show little.
  const all = [
    'closed',
    'truncated',
    'E_FRAME',
    'E_FRAME_SIZE',
    'E_FRAME_KIND',
    'E_FRAME_KEY',
    'E_STRAY_TEXT',
  ]
  all.push('E_LIMIT', 'E_VERSION', 'E_OPEN', 'E_TENSOR', 'E_DTYPE', 'E_PAYLOAD', 'E_CLOSE')
  for (const outcome of all) assert.ok(outcomes.has(outcome), `${outcome} never came`)
})

fuzz('of random bytes do too', () => {
  const next = random(12)
  for (let round = 0; round < 2000; round++) {
    const noise = Array.from({ length: 1 + Math.floor(next() * 60) }, () =>
      next() < 0.5 ? tokens[Math.floor(next() * tokens.length)]! : Math.floor(next() * 256)
    )
    readBothWays(bytes(pack(open()), 0x80 | Math.floor(next() * 16), ...noise), next)
  }
})

fuzz('of whole frames with wrong values do too', () => {
  const next = random(13)
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!
  const anything = (depth = 3): unknown =>
    pick([
      () => pick([0, 1, -1, 0.5, 2 ** 33, -(2 ** 60), Number.NaN, Infinity]),
      () => pick([null, true, false, '', 'f32', '__proto__', 'constructor', new Date(Number.NaN)]),
      () => pick([f32(1, 2, 3), u32(0), new Uint8Array(0)]),
      () =>
        depth > 0 ? Array.from({ length: Math.floor(next() * 4) }, () => anything(depth - 1)) : [],
      () =>
        depth > 0
          ? Object.fromEntries(
              Array.from({ length: Math.floor(next() * 4) }, () => [
                pick(['i', 'v', 'o', 'b', 'r', 'name', 'shape', 'dtype', '__proto__', 'data']),
                anything(depth - 1),
              ])
            )
          : {},
    ])()
  const keys = [
    'version',
    'run',
    'tensors',
    'members',
    'coupled',
    'meta',
    'step',
    'member',
    'base',
    'epoch',
  ]
  keys.push(
    'metrics',
    'dtype',
    'at',
    'more',
    'data',
    'index',
    'logScale',
    'reset',
    'frames',
    'other'
  )
  const kinds = ['open', 'anchor', 'delta', 'delta', 'tangent', 'metrics', 'close']
  for (let round = 0; round < 4000; round++) {
    const kind = pick(kinds)
    const frame: Record<string, unknown> = kind === 'open' ? { ...open() } : { ...delta() }
    Object.assign(frame, { kind, index: 0, metrics: {}, frames: 0 })
    for (let count = Math.floor(next() * 4); count > 0; count--) frame[pick(keys)] = anything()
    readBothWays(stream(...(kind === 'open' ? [] : [open()]), frame), next)
  }
})

fuzz.run()

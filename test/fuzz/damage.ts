import { f32, pack, u32 } from '../wire/streams.ts'
import type { Random } from './random.ts'
import type { Loose } from './streams.ts'

const keys = [
  ...[
    'kind',
    'version',
    'run',
    'tensors',
    'members',
    'coupled',
    'meta',
    'step',
    'member',
    'base',
    'stride',
  ],
  ...['epoch', 'metrics', 'dtype', 'at', 'more', 'data', 'index', 'logScale', 'reset', 'frames'],
  ...['other', '__proto__'],
]

/** Frames with something wrong in one of them, or in their order. */
export function loosened(frames: readonly Loose[], random: Random): Loose[] {
  const changed = frames.map((frame) => ({ ...frame }))
  for (let count = random.between(1, 2); count > 0 && changed.length > 0; count--) {
    const at = random.below(changed.length)
    random.pick([
      () => changed.splice(at, 1),
      () => changed.splice(at, 0, { ...changed[random.below(changed.length)]! }),
      () => changed.splice(random.below(changed.length), 0, ...changed.splice(at, 1)),
      () => {
        // Unlike an assignment, this makes a property of `__proto__` too.
        const own = Object.fromEntries([[random.pick(keys), anything(random)]])
        changed[at] = { ...changed[at]!, ...own }
      },
      () => {
        delete changed[at]![random.pick(Object.keys(changed[at]!))]
      },
    ])()
  }
  return changed
}

function anything(random: Random, depth = 3): unknown {
  const many = () => Array.from({ length: random.below(4) }, () => anything(random, depth - 1))
  return random.pick<() => unknown>([
    () => random.pick([0, 1, -1, 0.5, 2 ** 33, 2 ** 53, -(2 ** 60), Number.NaN, Infinity]),
    () => random.pick([null, true, false, '', 'f32', '__proto__', '\x1b[2J', new Date(Number.NaN)]),
    () => random.pick([f32(1, 2, 3), u32(0), new Uint8Array(0)]),
    () => (depth > 0 ? many() : []),
    () =>
      depth > 0
        ? Object.fromEntries(
            many().map((value) => [random.pick(['i', 'v', 'o', 'b', 'r', 'name']), value])
          )
        : {},
  ])()
}

/** Tokens that begin something large, nested or forbidden. */
const tokens = [
  ...[0x80, 0x8f, 0x91, 0x9f, 0xa4, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf, 0xd3],
  ...[0xd4, 0xd5, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff, 0x74, 0x72, 0x40, 0x0a, 0x1f],
]
const intrusions = [
  'Epoch 1/10\n',
  '\n',
  '\x1b[32mok\x1b[0m',
  '\x1f\x8b\x08',
  'PK\x03\x04',
  '\xff\xfe',
].map((text) => Uint8Array.from(text, (character) => character.charCodeAt(0)))

/** A carriage return before each line feed. */
function inTextMode(stream: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * stream.length)
  let length = 0
  for (const byte of stream) {
    if (byte === 10) out[length++] = 13
    out[length++] = byte
  }
  return out.slice(0, length)
}

/** Bytes with some of them changed, lost, repeated, or foreign. */
export function damaged(good: Uint8Array, random: Random): Uint8Array {
  let stream: Uint8Array = good.slice()
  for (let count = random.between(1, 3); count > 0; count--) {
    const at = random.below(stream.length + 1)
    const token = random.pick(tokens)
    stream = random.pick<() => Uint8Array>([
      () => stream.fill(random.below(256), at, at + 1),
      () => stream.fill(token, at, at + 1),
      () => stream.fill((stream[at] ?? 0) ^ (1 << random.below(8)), at, at + 1),
      () => joined(stream.subarray(0, at), stream.subarray(at + random.between(1, 12))),
      () => joined(stream.subarray(0, at), Uint8Array.of(token), stream.subarray(at)),
      () => joined(stream.subarray(0, at), stream.subarray(random.below(stream.length + 1))),
      () => stream.subarray(0, at),
      () => joined(stream.subarray(0, at), random.pick(intrusions), stream.subarray(at)),
      () => inTextMode(stream),
    ])()
  }
  return stream
}

/** All frames as bytes. */
export function packedStream(frames: readonly Loose[]): Uint8Array {
  return joined(...frames.map(pack))
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

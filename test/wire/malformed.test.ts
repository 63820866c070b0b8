import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Limits } from '../../src/wire/limits.ts'
import { bytes, chunkings, delta, f32, open, pack, read, stream, u32 } from './streams.ts'

const malformed = suite('malformed streams')

/** Refuses a stream with the same words and place whatever its chunks, after as many good frames. */
function refuses(
  what: string,
  bad: Uint8Array,
  [code, at, ...words]: [code: string, offset: number, ...words: string[]],
  limits: Partial<Limits> = {}
): void {
  malformed(what, () => {
    const whole = read(bad, undefined, limits)
    assert.ok(whole.error, 'nothing was refused')
    assert.is(whole.error.code, code, whole.error.message)
    assert.is(whole.error.offset, at, whole.error.message)
    for (const word of [`at byte ${at}: `, ...words, `[${code}]`]) {
      assert.ok(whole.error.message.includes(word), `${word} is not in: ${whole.error.message}`)
    }
    for (const { name, size } of chunkings(5)) assert.equal(read(bad, size, limits), whole, name)
  })
}

/** Where the value of a key begins in a packed frame. */
function place(frame: object, key: string): number {
  const packed = pack(frame)
  const wanted = pack(key)
  for (let at = 0; at < packed.length; at++) {
    if (wanted.every((byte, i) => packed[at + i] === byte)) return at + wanted.length
  }
  throw new Error(`no ${key}`)
}

const opening = stream(open())
const after = opening.length
const inRun = (frame: object, key: string): [Uint8Array, number] => [
  stream(open(), frame),
  after + place(frame, key),
]

function refusesOpen(
  what: string,
  changes: object,
  key: string,
  code: string,
  ...words: string[]
): void {
  refuses(what, stream(open(changes)), [code, place(open(changes), key), ...words])
}

function refusesFrame(
  what: string,
  frame: object,
  key: string,
  code: string,
  ...words: string[]
): void {
  const [bad, at] = inRun(frame, key)
  refuses(what, bad, [code, at, ...words])
}

/** Refuses what stands so many bytes after the head of `data`. */
function refusesData(
  what: string,
  data: unknown,
  skip: number,
  code: string,
  ...words: string[]
): void {
  const [bad, at] = inRun(delta({ data }), 'data')
  refuses(what, bad, [code, at + skip, ...words])
}

// The order of frames.
refuses('a frame before any open', stream(delta()), [
  'E_OPEN',
  0,
  'kind delta',
  'Begin each run with "open"',
])

refuses('a frame after close', stream(open(), { kind: 'close', frames: 0 }, delta()), [
  'E_OPEN',
  after + pack({ kind: 'close', frames: 0 }).length,
  'outside a run',
])
refuses('a close that counts other frames', stream(open(), delta(), { kind: 'close', frames: 7 }), [
  'E_CLOSE',
  after + pack(delta()).length + place({ kind: 'close', frames: 7 }, 'frames'),
  '"frames" is 7, but 1 came',
])

refusesOpen(
  'a meta that is no setting but data',
  { meta: { a: Array(60_000).fill(1.5), b: Array(60_000).fill(2.5) } },
  'meta',
  'E_LIMIT',
  'at most 1048576 pass'
)

// Kinds and keys.
refuses('a kind that steers a terminal', stream(open(), { kind: '\x1b]0;x\x07\u202e' }), [
  'E_FRAME_KIND',
  after + 6,
  'frame: "kind" is "\\u001b]0;x\\u0007\\u202e"',
])
refusesFrame(
  'a step of 2^53',
  delta({ step: 2 ** 53 }),
  'step',
  'E_FRAME_KEY',
  '"step" is 9007199254740992, expected an integer of at most 9007199254740991 (2^53 - 1)'
)
refusesFrame(
  'a metric that is no number',
  delta({ metrics: { loss: 1, 'a\u001bb': 'high' } }),
  'metrics',
  'E_FRAME_KEY',
  '"metrics.a\\u001bb" is "high", expected a number'
)
refuses('an unknown kind', stream({ kind: 'gradient' }), [
  'E_FRAME_KIND',
  6,
  '"gradient"',
  'expected open, anchor, delta',
])
refuses('a kind that is a property of every object', stream(open(), { kind: 'constructor' }), [
  'E_FRAME_KIND',
  after + 6,
  '"constructor"',
])
refuses('a frame without a kind', stream(open(), { step: 1 }), [
  'E_FRAME_KEY',
  after,
  '"kind" is missing',
])
refuses('a kind that is no string', stream({ kind: 3 }), [
  'E_FRAME_KEY',
  6,
  '"kind" is 3, expected a string',
])
refuses(
  'a key that comes twice',
  bytes(0x82, pack('kind'), pack('open'), pack('kind'), pack('open')),
  ['E_FRAME_KEY', 6, '"kind" comes twice']
)
refuses('a frame without a step', stream(open(), { kind: 'delta', data: [null] }), [
  'E_FRAME_KEY',
  after,
  'delta: "step" is missing',
])
refuses('a frame without data', stream(open(), { kind: 'anchor', step: 1 }), [
  'E_FRAME_KEY',
  after,
  'anchor: "data" is missing',
])
refusesFrame(
  'a step with a fraction',
  delta({ step: 1.5 }),
  'step',
  'E_FRAME_KEY',
  '"step" is 1.5, expected an integer >= 0'
)
refusesFrame('a negative step', delta({ step: -1 }), 'step', 'E_FRAME_KEY', '"step" is -1')
refusesFrame(
  'a step beyond 2^53',
  delta({ step: 2 ** 60 }),
  'step',
  'E_FRAME_KEY',
  '"step" is 1152921504606847000'
)
refusesFrame(
  'a step that is a string',
  delta({ step: '1\u001b[31m' }),
  'step',
  'E_FRAME_KEY',
  '"step" is "1\\u001b[31m"'
)
refusesFrame('a base that is nil', delta({ base: null }), 'base', 'E_FRAME_KEY', '"base" is nil')
refusesFrame(
  'a member outside the run',
  delta({ member: 1 }),
  'member',
  'E_FRAME_KEY',
  '"member" is 1, expected an integer below the 1 members'
)
refusesFrame(
  'an epoch that is not finite',
  delta({ epoch: Number.NaN }),
  'epoch',
  'E_FRAME_KEY',
  '"epoch" is NaN, expected a finite number'
)
refusesFrame(
  'a `more` that is a number',
  delta({ more: 1 }),
  'more',
  'E_FRAME_KEY',
  '"more" is 1, expected a boolean'
)
refusesFrame(
  'metrics that are an array',
  delta({ metrics: [1] }),
  'metrics',
  'E_FRAME_KEY',
  'an array of 1, expected a map of numbers'
)
refusesFrame(
  'a metric that is a string',
  delta({ metrics: { 'a\nb': 'low' } }),
  'metrics',
  'E_FRAME_KEY',
  '"metrics.a\\nb" is "low", expected a number'
)
refusesFrame(
  'a metric that is nil',
  delta({ metrics: { loss: null } }),
  'metrics',
  'E_FRAME_KEY',
  '"metrics.loss" is nil'
)
refuses('a tangent without index', stream(open(), { kind: 'tangent', step: 0, data: [null] }), [
  'E_FRAME_KEY',
  after,
  '"index" is missing',
])
refusesFrame(
  'a reset that is not square',
  { kind: 'tangent', step: 0, index: 0, reset: { r: new Uint8Array(16) }, data: [null] },
  'reset',
  'E_PAYLOAD',
  'has 16 bytes, expected 8 k k'
)
refusesFrame(
  'a reset without r',
  { kind: 'tangent', step: 0, index: 0, reset: 5, data: [null] },
  'reset',
  'E_FRAME_KEY',
  '"reset" is 5'
)
refusesFrame(
  'a logScale that is not finite',
  { kind: 'tangent', step: 0, index: 0, logScale: Infinity, data: [null] },
  'logScale',
  'E_FRAME_KEY',
  'Infinity'
)

// `open`.
refusesOpen(
  'another version',
  { version: 2 },
  'version',
  'E_VERSION',
  '"version" is 2, this reader knows 1'
)
refusesOpen('a version that is a string', { version: '1' }, 'version', 'E_VERSION', 'is "1"')
refusesOpen(
  'a run that is a number',
  { run: 7 },
  'run',
  'E_FRAME_KEY',
  '"run" is 7, expected a string'
)
refusesOpen(
  'tensors that are a map',
  { tensors: {} },
  'tensors',
  'E_FRAME_KEY',
  'a map of 0, expected an array'
)
refusesOpen(
  'no members',
  { members: 0 },
  'members',
  'E_FRAME_KEY',
  '"members" is 0, expected at least 1'
)
refusesOpen(
  'too many members',
  { members: 65 },
  'members',
  'E_LIMIT',
  '"members" is 65, at most 64',
  'limits.members'
)
refusesOpen(
  'a `coupled` that is a number',
  { coupled: 1 },
  'coupled',
  'E_FRAME_KEY',
  '"coupled" is 1'
)
refusesOpen(
  'meta that is an array',
  { meta: [] },
  'meta',
  'E_FRAME_KEY',
  'an array of 0, expected a map'
)
refusesOpen(
  'meta with bytes in it',
  { meta: { a: [f32(1, 2)] } },
  'meta',
  'E_FRAME_KEY',
  '"meta.a[0]" is binary data of 8 bytes'
)

const tensor = (changes: object): object => ({
  tensors: [{ name: 'w', shape: [3], dtype: 'f32', ...changes }],
})
refusesOpen(
  'a tensor that is a string',
  { tensors: ['w'] },
  'tensors',
  'E_FRAME_KEY',
  '"tensors[0]" is "w"'
)
refusesOpen(
  'a tensor without a name',
  tensor({ name: null }),
  'tensors',
  'E_FRAME_KEY',
  '"tensors[0].name" is nil'
)
refusesOpen(
  'a tensor that has no shape',
  { tensors: [{ name: 'w', dtype: 'f32' }] },
  'tensors',
  'E_FRAME_KEY',
  '"tensors[0].shape" is missing, expected an array'
)
refusesOpen(
  'a shape that is a number',
  tensor({ shape: 3 }),
  'tensors',
  'E_FRAME_KEY',
  '"tensors[0].shape" is 3'
)
refusesOpen(
  'a negative extent',
  tensor({ shape: [2, -3] }),
  'tensors',
  'E_TENSOR',
  'of "w" is [2,-3]'
)
refusesOpen('an extent with a fraction', tensor({ shape: [1.5] }), 'tensors', 'E_TENSOR', '[1.5]')
refusesOpen('an extent that is a string', tensor({ shape: ['3'] }), 'tensors', 'E_TENSOR', '["3"]')
refusesOpen(
  'a shape with too large a product',
  tensor({ shape: [2 ** 31, 2 ** 31] }),
  'tensors',
  'E_TENSOR',
  'product below 2^53'
)
refusesOpen(
  'an unknown dtype',
  tensor({ dtype: 'float32' }),
  'tensors',
  'E_DTYPE',
  'of "w" is "float32", expected one of f32, f64, f16, bf16'
)
refusesOpen(
  'a dtype that is a property of every object',
  tensor({ dtype: 'toString' }),
  'tensors',
  'E_DTYPE',
  '"toString"'
)
refusesOpen(
  'a role that is a number',
  tensor({ role: 1 }),
  'tensors',
  'E_FRAME_KEY',
  '"tensors[0].role" is 1'
)
refusesOpen(
  'a `trainable` that is a string',
  tensor({ trainable: 'no' }),
  'tensors',
  'E_FRAME_KEY',
  '"tensors[0].trainable" is "no"'
)
const namesake = { name: 'w', shape: [3], dtype: 'f32' }
refusesOpen(
  'two tensors of one name',
  { tensors: [namesake, { ...namesake, name: 'v' }, namesake] },
  'tensors',
  'E_TENSOR',
  '"tensors[2].name" is "w", and so is tensors[0].name'
)
refuses(
  'too many tensors',
  stream(open({ tensors: [namesake, { ...namesake, name: 'v' }] })),
  ['E_LIMIT', place(open(), 'tensors'), 'has 2 entries, at most 1', 'limits.tensors'],
  { tensors: 1 }
)

// `data`.
refusesFrame(
  'data that is a bin',
  delta({ data: f32(1, 2, 3) }),
  'data',
  'E_FRAME_KEY',
  '"data" is of type bin'
)
refusesFrame(
  'too many payloads',
  delta({ data: [null, null] }),
  'data',
  'E_TENSOR',
  '2 payloads from tensor 0 on, but "open" has 1 tensors'
)
refusesFrame(
  'payloads past the last tensor',
  delta({ at: 1 }),
  'data',
  'E_TENSOR',
  '1 payloads from tensor 1 on'
)
refusesFrame(
  'an unknown dtype of a frame',
  delta({ dtype: 'f8' }),
  'dtype',
  'E_DTYPE',
  '"dtype" is "f8", expected one of'
)
refusesData(
  'a payload that is too short',
  [f32(1, 2)],
  1,
  'E_PAYLOAD',
  'tensor "w": 8 bytes, expected 12 (shape [3], 3 elements of 4 bytes, f32)'
)
refusesData(
  'a payload that is too long',
  [f32(1, 2, 3, 4)],
  1,
  'E_PAYLOAD',
  '16 bytes, expected 12'
)
const halves = { kind: 'delta', step: 1, data: [f32(1, 2, 3)], dtype: 'f16' }
refuses('a payload of another dtype than the frame says', stream(open(), halves), [
  'E_PAYLOAD',
  after + place(delta(), 'data') + 1,
  '12 bytes, expected 6',
])
refusesData('a payload that is a number', [3], 1, 'E_PAYLOAD', 'tensor "w": a payload of type int')
refusesData('a payload that is a string', ['abc'], 1, 'E_PAYLOAD', 'type str')
refusesData('a payload that is a boolean', [true], 1, 'E_PAYLOAD', 'type bool')
refusesData('a timestamp as a payload', [new Date(0)], 1, 'E_PAYLOAD', 'type ext')
refusesData(
  'a map that is neither sparse nor a range',
  [{ i: u32(1), b: f32(1) }],
  1,
  'E_FRAME_KEY',
  'without {i, v} or {o, b}'
)
refusesData(
  'sparse values without enough of them',
  [{ i: u32(0, 2), v: f32(1) }],
  1,
  'E_PAYLOAD',
  '2 sparse indices with 4 bytes of values, expected 8'
)
refusesData(
  'sparse indices that are cut off',
  [{ i: new Uint8Array(6), v: f32(1) }],
  1,
  'E_PAYLOAD',
  '6 bytes, expected a multiple of 4'
)
refusesData(
  'sparse indices that descend',
  [{ i: u32(2, 1), v: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  'index 1 comes after 2'
)
refusesData(
  'a sparse index that comes twice',
  [{ i: u32(2, 2), v: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  'index 2 comes after 2'
)
refusesData(
  'a sparse index outside the tensor',
  [{ i: u32(0, 3), v: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  'index 3, but the tensor has 3 elements'
)
refusesData(
  'a range that is cut off',
  [{ o: 0, b: new Uint8Array(6) }],
  1,
  'E_PAYLOAD',
  'a range of 6 bytes, expected a multiple of 4'
)
refusesData(
  'a range past the end',
  [{ o: 2, b: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  '2 elements from 2 on, but the tensor has 3'
)
refusesData(
  'a range from far outside',
  [{ o: 2 ** 53 - 1, b: f32(1) }],
  1,
  'E_PAYLOAD',
  'from 9007199254740991 on'
)
refusesData(
  'a range from a fraction',
  [{ o: 0.5, b: f32(1) }],
  4,
  'E_FRAME_KEY',
  '"o" is 0.5, expected an integer >= 0'
)
refusesData('a range from a string', [{ o: 'x', b: f32(1) }], 4, 'E_FRAME_KEY', '"o" is str')
refusesData('too few numbers', [[1, 2]], 1, 'E_PAYLOAD', '8 bytes, expected 12')
refusesData(
  'something else among numbers',
  [[1, null, 3]],
  3,
  'E_PAYLOAD',
  'a value of type nil among numbers'
)
refusesData('a negative sparse index', [{ i: [-1], v: [1] }], 5, 'E_PAYLOAD', 'sparse index -1')
refusesData(
  'a sparse index with a fraction',
  [{ i: [0.5], v: [1] }],
  5,
  'E_PAYLOAD',
  'sparse index 0.5'
)

const typed = (code: number, body: Uint8Array): Uint8Array =>
  bytes(
    opening,
    0x83,
    pack('kind'),
    pack('delta'),
    pack('step'),
    1,
    pack('data'),
    0x91,
    0xc7,
    body.length + 1,
    0x74,
    code,
    body
  )
const typedAt = typed(7, f32(1, 2, 3)).length - 16
refuses('a typed array of another type', typed(8, new Uint8Array(24)), [
  'E_DTYPE',
  typedAt,
  'a Float64Array, expected Float32Array for f32',
])
refuses('a typed array of an unknown type', typed(99, new Uint8Array(12)), [
  'E_DTYPE',
  typedAt,
  'a (code 99) Array',
])
refuses(
  'a typed array of no type',
  bytes(typed(7, f32(1, 2, 3)).subarray(0, typedAt), 0xc7, 0, 0x74),
  ['E_DTYPE', typedAt, 'typed array without a type']
)

// What stands between frames.
const stray = (what: string, text: string, words: string): void => {
  refuses(what, bytes(opening, text), ['E_STRAY_TEXT', after, words, 'Keep stdout clean'])
}
stray('a line of text', 'Epoch 1/10 loss 0.5\n', '"Epoch 1/10 loss 0.5"')
stray('text without an end', 'done', '"done"')
stray('text after an empty line', '\r\n  step 3\nmore', '"step 3"')
stray('an empty line', '\n', '"\\n"')
stray('coloured text', '\u001b[32mok\u001b[0m all\n', '"ok all"')
stray('text that is not English', '▁▂ 損失 0.3\n', '"▁▂ 損失 0.3"')
stray('a long text', `${'word '.repeat(30)}\n`, `"${'word '.repeat(8)}..."`)
refuses('text between two frames', bytes(opening, 'hi', pack(delta())), [
  'E_STRAY_TEXT',
  after,
  '"hi"',
])
refuses('an empty line between two frames', bytes(opening, '\n', pack(delta())), [
  'E_STRAY_TEXT',
  after,
  '"\\n"',
])
refuses('text from the first byte on', bytes('Loading MNIST\n'), [
  'E_STRAY_TEXT',
  0,
  '"Loading MNIST"',
])
for (const [type, value] of Object.entries({
  array: [1],
  str: 'text',
  bin: f32(1),
  nil: null,
  bool: true,
  int: -5,
  float: 0.5,
})) {
  refuses(`a value of type ${type} between frames`, bytes(opening, pack(value)), [
    'E_FRAME',
    after,
    `of type ${type}, expected a map`,
  ])
}
refuses('a limit inside a frame', stream(open(), delta({ note: 'n'.repeat(65_537) })), [
  'E_LIMIT',
  after + place(delta({ note: '' }), 'note'),
  'string of 65537 bytes',
])
refuses(
  'a frame over the limit',
  stream(open(), delta({ data: [new Uint8Array(2000)] })),
  ['E_FRAME_SIZE', after + place(delta(), 'data') + 1, 'limits.frameBytes'],
  { frameBytes: 1024 }
)
refuses(
  'numbers that widen past the limit',
  stream(
    open({ tensors: [{ ...namesake, shape: [700], dtype: 'f64' }] }),
    delta({ data: [Array(700).fill(1)] })
  ),
  [
    'E_FRAME_SIZE',
    pack(open({ tensors: [{ ...namesake, shape: [700], dtype: 'f64' }] })).length +
      place(delta(), 'data') +
      1,
    'widen to more',
  ],
  { frameBytes: 1024 }
)

malformed.run()

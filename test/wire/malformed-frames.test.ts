import { after, place, refusals } from './refusals.ts'
import { bytes, delta, open, pack, stream } from './streams.ts'

const { refuses, refusesFrame, refusesOpen, run } = refusals('malformed frames')

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
  'at most 1048576 are allowed'
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
refusesFrame(
  'a stride of 0',
  delta({ stride: 0 }),
  'stride',
  'E_FRAME_KEY',
  '"stride" is 0, expected an integer >= 1'
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

run()

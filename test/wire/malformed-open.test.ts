import { place, refusals } from './refusals.ts'
import { f32, open, stream } from './streams.ts'

const { refuses, refusesOpen, run } = refusals('a malformed open')

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
const foldOf = (changes: object, shape = [3]) =>
  tensor({ shape, fold: { elements: 10, seed: 1, ...changes } })
for (const [what, changes, words] of [
  ['a fold that is a number', tensor({ fold: 3 }), '"tensors[0].fold" is 3, expected a map'],
  [
    'a fold without elements',
    tensor({ fold: { seed: 1 } }),
    '"tensors[0].fold.elements" is missing',
  ],
  ['a fold of -1 elements', foldOf({ elements: -1 }), '"tensors[0].fold.elements" is -1'],
  [
    'a seed of 33 bits',
    foldOf({ seed: 2 ** 32 }),
    '"tensors[0].fold.seed" is 4294967296, expected',
  ],
  ['a first element beyond 2^53', foldOf({ first: 2 ** 53 - 5 }), '"tensors[0].fold.first" is'],
  ['a fold of a matrix', foldOf({}, [3, 1]), '"tensors[0].shape" is an array of 2, expected [m]'],
  ['a fold without rows', foldOf({}, [0]), '"tensors[0].shape" is an array of 1, expected [m]'],
] as const) {
  refusesOpen(what, changes, 'tensors', 'E_FRAME_KEY', words)
}
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

run()

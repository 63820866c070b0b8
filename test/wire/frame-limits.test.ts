import { after, place, refusals } from './refusals.ts'
import { delta, open, pack, stream } from './streams.ts'

const { refuses, run } = refusals('limits of a frame')

const namesake = { name: 'w', shape: [3], dtype: 'f32' }
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

run()

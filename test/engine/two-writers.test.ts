import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { analysed, type Course } from '../fuzz/engine.ts'
import { bytes, chunkings, delta, f32, open, pack, read, stream } from '../wire/streams.ts'

const runs = suite('runs that are not closed')

const anchor = (step: number) => pack({ kind: 'anchor', step, data: [f32(1, 2, 3)] })
const step = (n: number, changes: object = {}) => pack(delta({ step: n, base: n - 1, ...changes }))
const close = (frames: number) => pack({ kind: 'close', frames })
const opened = (run: string) => pack(open({ run }))

const settings = settingsOf({})
/** How the analysis of a stream ends: the same with other chunks, and with state saved after each frame. */
function endOf(stream: Uint8Array): string {
  const { end } = analysed(stream, settings)
  const courses: Course[] = [{ size: () => 1 }, { saves: () => true }]
  for (const course of courses) assert.is(analysed(stream, settings, course).end, end)
  return end
}

runs('end where the next one opens', () => {
  const whole = bytes(
    ...[
      opened('a'),
      anchor(0),
      step(1),
      step(2),
      opened('b'),
      anchor(0),
      step(1),
      step(2),
      close(3),
    ]
  )
  const { frames, end } = read(whole)
  assert.equal(
    frames.map(({ kind }) => kind).join(' '),
    'open anchor delta delta open anchor delta delta close'
  )
  assert.is(end, 'closed')
  for (const { name, size } of chunkings(3)) assert.equal(read(whole, size), read(whole), name)
})

runs('end so with a part of a step, or without any frame', () => {
  const part = step(2, { more: true, data: [{ o: 0, b: f32(1) }] })
  assert.is(endOf(bytes(opened('a'), step(1), part, opened('b'), step(1), close(1))), 'closed')
  assert.is(endOf(bytes(opened('a'), opened('a'), step(1), close(1))), 'closed')
})

runs('may be gone on with from an earlier step that an anchor announces', () => {
  const whole = bytes(
    ...[
      opened('a'),
      step(1),
      opened('a'),
      anchor(5),
      step(6),
      step(7),
      anchor(5),
      step(6),
      close(5),
    ]
  )
  assert.is(endOf(whole), 'closed')
})

runs('may have steps in parts, and several members', () => {
  const parts = [
    step(1, { more: true, data: [{ o: 0, b: f32(1) }] }),
    step(1, { data: [{ o: 1, b: f32(2, 3) }] }),
    step(1, { member: 1 }),
  ]
  const two = pack(open({ members: 2 }))
  assert.is(endOf(bytes(two, two, ...parts, close(3))), 'closed')
})

/** Frames of two programs that write the same into one pipe, by turns of so many. */
function mixed(turns: readonly number[]): Uint8Array {
  const program = [opened('r'), anchor(0), ...[1, 2, 3, 4, 5].map((n) => step(n)), close(6)]
  const left = [[...program], [...program]]
  const out: Uint8Array[] = []
  for (let turn = 0; left[0]!.length + left[1]!.length > 0; turn++) {
    out.push(...left[turn % 2]!.splice(0, turns[turn] ?? 1))
  }
  return bytes(...out)
}

for (const turns of [[], [1, 1, 1], [2, 2], [4, 2], [5, 5, 1], [3, 1, 2, 2], [7, 3]]) {
  runs(`of two programs in one pipe are told apart, with turns of ${turns.join(', ') || 1}`, () => {
    assert.match(endOf(mixed(turns)), /^E_(OPEN|CLOSE) .*two programs/)
  })
}

runs('of two programs whose bytes are mixed end in an error of ours', () => {
  const large = (n: number) => pack(delta({ step: n, data: [new Uint8Array(4000).fill(n)] }))
  const tensors = [{ name: 'w', shape: [1000], dtype: 'f32' }]
  const program = stream(open({ tensors }))
  const one = bytes(program, large(1), large(2), large(3))
  const cut = one.length - 2500
  const { error } = read(bytes(one.subarray(0, cut), one, one.subarray(cut)))
  assert.ok(error)
})

runs.run()

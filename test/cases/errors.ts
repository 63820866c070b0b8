import { Packr } from 'msgpackr/pack'
import {
  type AnalyseOptions,
  cmd,
  frameWriter,
  ftle,
  type StageValue,
  StateLoader,
  svd,
  ThalwegError,
} from 'thalweg'
import type { Case } from './case.ts'
import { framesOf, joined, settingsOf, summariesOf } from './streams.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })
const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const text = (words: string) => new TextEncoder().encode(words)
const stream = (...frames: (object | Uint8Array)[]) =>
  joined(frames.map((frame) => (frame instanceof Uint8Array ? frame : packr.pack(frame))))

const tensors = [{ name: 'w', shape: [3], dtype: 'f32' }]
const open = { kind: 'open', version: 1, run: 'r', tensors }
const delta = (changes: object = {}) => ({
  kind: 'delta',
  step: 1,
  data: [f32(1, 2, 3)],
  ...changes,
})
const nested = (depth: number): unknown => (depth === 0 ? 0 : [nested(depth - 1)])

/** Streams that must be refused, by what is wrong with them. */
const streams: Record<string, Uint8Array> = {
  'text in front': stream(text('Epoch 1/5\n'), open),
  'text between frames': stream(open, text('loss: 0.25 größer\n'), delta()),
  'no open': stream(delta()),
  'another version': stream({ ...open, version: 2 }),
  'an unknown kind': stream(open, { kind: 'delte', step: 1, data: [] }),
  'a shape that is none': stream({ ...open, tensors: [{ name: 'w', shape: [-1], dtype: 'f32' }] }),
  'a tensor twice': stream({ ...open, tensors: [...tensors, ...tensors] }),
  'an unknown dtype': stream({ ...open, tensors: [{ name: 'w', shape: [3], dtype: 'f8' }] }),
  'too short a payload': stream(open, delta({ data: [f32(1, 2)] })),
  'too many payloads': stream(open, delta({ data: [f32(1, 2, 3), f32(1)] })),
  'indices that descend': stream(
    open,
    delta({ data: [{ i: new Uint8Array(Uint32Array.of(2, 1).buffer), v: f32(1, 2) }] })
  ),
  'a step that goes back': stream(open, delta({ step: 5 }), delta({ step: 3 })),
  'a member too many': stream(open, delta({ member: 1 })),
  'a fractional step': stream(open, delta({ step: 1.5 })),
  'a NaN': stream(open, delta({ data: [f32(1, Number.NaN, 3)] })),
  'a wrong count at the close': stream(open, delta(), { kind: 'close', frames: 7 }),
  'a payload of 4 GiB that is announced': stream(
    open,
    Uint8Array.of(0x82),
    packr.pack('kind'),
    packr.pack('delta'),
    packr.pack('data'),
    Uint8Array.of(0x91, 0xc6, 0xff, 0xff, 0xff, 0xff)
  ),
  'nesting without end': stream(open, delta({ metrics: nested(100) })),
  'an extension': stream(open, Uint8Array.of(0x81, 0xa1, 0x61, 0xd4, 0x78, 0)),
  'a reserved byte': stream(open, Uint8Array.of(0x81, 0xc1)),
  'members that part': stream(
    { ...open, members: 2 },
    ...Array.from({ length: 40 }, (_, i) => delta({ step: i + 1 }))
  ),
}

const large = () => {
  const tensor = { name: 'large', shape: [4096, 4096], dtype: 'f32' as const }
  return joined(frameWriter({ run: 'large', tensors: [tensor] }).open())
}

/** Runs that must be refused before anything is reserved. */
const plans: Record<string, [AnalyseOptions, Uint8Array, ...StageValue[]]> = {
  'a model above the limit': [{ memory: { max: 2 ** 31 } }, large(), svd(), cmd()],
  'more rank than columns': [{}, stream(open), svd({ rank: 32, columns: 16 })],
  'an empty selection': [{ select: { include: ['encoder/**'] } }, stream(open), svd()],
  'a member that is not there': [{}, stream(open), svd({ member: 1 })],
  'an option that is none': [{ block: 0 } as AnalyseOptions, stream(open), svd()],
}

const states: Record<string, Uint8Array> = {
  'no state at all': text('{"not": "a state"}'),
  nothing: new Uint8Array(),
  'another version': Uint8Array.of(0x54, 0x48, 0x57, 0x47, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
}

export const errors: Case = {
  name: 'errors: code, exit code and words',
  async *lines(recording) {
    for (const [what, bytes] of Object.entries(streams)) {
      yield await refused(what, () =>
        summariesOf(framesOf(bytes), { block: 4 }, svd({ rank: 2 }), ftle())
      )
    }
    for (const [what, [options, bytes, ...stages]] of Object.entries(plans)) {
      yield await refused(what, () => summariesOf(framesOf(bytes), options, ...stages))
    }
    for (const [what, bytes] of Object.entries(states)) {
      yield await refused(what, () => {
        const loader = new StateLoader(settingsOf({ stages: [{ type: 'svd' }] }), () => {})
        loader.push(bytes)
        loader.finish()
      })
    }
    const cut = recording.subarray(0, 200_001)
    const lines = await summariesOf(framesOf(cut), {}, svd({ rank: 4 }))
    yield lines.at(-1)!
  },
}

/** What the product says to it. */
async function refused(what: string, act: () => unknown): Promise<string> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    return `${what}: ${error.exitCode} ${error.message}`
  }
  throw new Error(`${what} is not refused`)
}

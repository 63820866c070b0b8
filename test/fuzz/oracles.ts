import * as assert from 'uvu/assert'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import type { Settings } from '../../src/engine/settings/settings.ts'
import { exitCodes } from '../../src/error.ts'
import { read } from '../wire/streams.ts'
import { damaged, loosened, packedStream } from './damage.ts'
import { type Analysed, analysed } from './engine.ts'
import { fingerprint } from './fingerprint.ts'
import { settings } from './pipelines.ts'
import { inPieces } from './posted.ts'
import { Random } from './random.ts'
import { frames } from './streams.ts'

/** One input: a stream, whole or not, and a pipeline. */
export interface Input {
  readonly stream: Uint8Array
  readonly settings: Settings
  readonly random: Random
}

/** The input of a seed and a number: always the same. */
export function inputOf(seed: number, number: number): Input {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  const made = frames(random)
  const how = random.next()
  const loose = how < 0.35 ? loosened(made, random) : made
  const whole = packedStream(loose)
  const stream = how > 0.65 && whole.length > 0 ? damaged(whole, random) : whole
  return { stream, settings: settings(random), random }
}

/** Sizes of chunks, many of them small; of a short stream often single bytes. */
const sizes = (random: Random, stream: Uint8Array): (() => number) =>
  stream.length < 3000 && random.chance(0.3)
    ? () => 1
    : () => 1 + Math.floor(random.next() ** 4 * 20_000)

/**
 * Whatever the chunks, a stream is read as the same frames, and ends the same way: well, or with an error of ours, which
 * has its place.
 *
 * @returns how it ended
 */
export function reading({ stream, settings: { limits }, random }: Input): string {
  const whole = read(stream, undefined, limits)
  const other = read(stream, sizes(random, stream), limits)
  assert.is(fingerprint(other), fingerprint(whole), 'other chunks')
  if (!whole.error) return whole.end!
  const { code, offset } = whole.error
  assert.ok(code in exitCodes, code)
  assert.type(offset, 'number')
  assert.ok(offset! >= 0 && offset! <= stream.length, `offset ${offset}`)
  return code
}

/** Whatever the chunks, the shards, and the frames after which state is saved and loaded, the lines are the same. */
export function analysing(input: Input): Analysed {
  const { stream, settings, random } = input
  const whole = analysed(stream, settings)
  const same = (what: string, other: Analysed): void => {
    assert.equal(other.lines, whole.lines, what)
    assert.is(other.end, whole.end, what)
  }
  same('other chunks', analysed(stream, settings, { size: sizes(random, stream) }))
  const shards = random.between(2, 5)
  same(`${shards} shards`, analysed(stream, settings, { shards }))
  const often = random.pick([0.1, 0.5, 1])
  same(
    'saved and loaded',
    analysed(stream, settings, { saves: () => random.chance(often), shards })
  )
  for (const line of whole.lines) {
    assert.not.match(line, /[^\P{Cc}]|\p{Bidi_Control}/u, 'a character that steers')
    JSON.parse(line)
  }
  return whole
}

/** A handler gives the same lines, in whatever pieces, and with whatever instances. */
export async function posting({ stream, settings, random }: Input): Promise<void> {
  if (stream.length === 0) return
  const whole = analysed(stream, settings, { isOpen: true })
  const { lines, error } = await inPieces(stream, settings, random, memoryStore())
  assert.equal(lines, whole.lines, 'posted')
  assert.is(error === undefined ? 'open' : `${error.code} ${error.message}`, whole.end, 'posted')
}

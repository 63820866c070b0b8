import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Limits } from '../../src/wire/limits.ts'
import { chunkings, delta, open, pack, read, stream } from './streams.ts'

/** A stream that is refused: the code, where in the stream, and words of the message. */
type Refusal = [code: string, offset: number, ...words: string[]]

export const opening = stream(open())
/** Where what follows the opening begins. */
export const after = opening.length

/** Where the value of a key begins in a packed frame. */
export function place(frame: object, key: string): number {
  const packed = pack(frame)
  const wanted = pack(key)
  for (let at = 0; at < packed.length; at++) {
    if (wanted.every((byte, i) => packed[at + i] === byte)) return at + wanted.length
  }
  throw new Error(`no ${key}`)
}

/** A suite of streams that are refused, each with the same words and place whatever its chunks, after as many good frames. */
export function refusals(name: string) {
  const test = suite(name)

  function refuses(
    what: string,
    bad: Uint8Array,
    [code, at, ...words]: Refusal,
    limits: Partial<Limits> = {}
  ): void {
    test(what, () => {
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
    refuses(what, stream(open(), frame), [code, after + place(frame, key), ...words])
  }

  /** Refuses what stands so many bytes after the head of `data`. */
  function refusesData(
    what: string,
    data: unknown,
    skip: number,
    code: string,
    ...words: string[]
  ): void {
    const frame = delta({ data })
    refuses(what, stream(open(), frame), [code, after + place(frame, 'data') + skip, ...words])
  }

  return { refuses, refusesOpen, refusesFrame, refusesData, run: () => test.run() }
}

// Streams of any size for processes to read: a few directions that come and go, over noise.
import { closeSync, openSync, writeSync } from 'node:fs'
import { frameWriter } from '../../src/wire/writer.ts'
import { random } from '../engine/frames.ts'

/** Steps after which deltas repeat. */
const period = 32

/** Chunks of a run of one tensor `w`, each member's anchor first; a chunk holds until the next is asked for. */
export function* streamOf(
  rows: number,
  steps: number,
  members = 1,
  shape: readonly number[] = [rows]
): Generator<Uint8Array> {
  const { open, anchor, delta, close } = frameWriter({
    run: 'bench',
    tensors: [{ name: 'w', shape: [...shape], dtype: 'f32' }],
    members,
    coupled: members > 1,
  })
  const next = random(1)
  const noise = Float32Array.from({ length: 2 * 65_536 }, next)
  const from = (at: number, i: number): number => noise[(at + i) & 0x1ffff]!
  const x = new Float32Array(rows)
  yield* open()
  for (let member = 0; member < members; member++) {
    for (let i = 0; i < rows; i++) x[i] = 0.1 * from(0, i) + 1e-6 * member * from(77, i)
    yield* anchor({ step: 0, member, data: [x] })
  }
  for (let step = 1; step <= steps; step++) {
    const phase = step % period
    const strength = 1e-2 * from(step, 7)
    for (let member = 0; member < members; member++) {
      const own = 1e-3 * (1 + 1e-6 * member)
      for (let i = 0; i < rows; i++) {
        x[i] = own * from(997 * phase, i) + strength * from(131 * (phase & 7), i)
      }
      yield* delta({ step, member, base: step - 1, metrics: { loss: 1 / step }, data: [x] })
    }
  }
  yield* close()
}

/** Writes one to a file; its bytes. */
export function writeStream(path: string, rows: number, steps: number, members: number): number {
  const file = openSync(path, 'w')
  let bytes = 0
  for (const chunk of streamOf(rows, steps, members)) bytes += writeSync(file, chunk)
  closeSync(file)
  return bytes
}

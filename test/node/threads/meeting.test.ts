import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { reduce } from '../../../src/engine/shards/drive.ts'
import { Meeting } from '../../../src/node/threads/meeting.ts'
import type { Totals } from '../../../src/stage/protocol.ts'
import { bundled } from '../../support/bundled.ts'
import { type Guest, sumsOf } from './guest.ts'

const meeting = suite('threads that meet')

let program: string
meeting.before(async () => {
  program = await bundled('test/node/threads/guest.ts')
})
meeting.after(() => rmSync(program, { recursive: true }))

/** Lets threads meet; gives the totals of each, or what it failed with. */
function meet(guests: readonly Guest[]): Promise<(readonly Totals[] | string)[]> {
  return Promise.all(
    guests.map(async (workerData) => {
      const worker = new Worker(join(program, 'guest.js'), { workerData })
      const [said] = await once(worker, 'message')
      await worker.terminate()
      return said
    })
  )
}

meeting('all get the totals that one thread makes, of vectors of any length', async () => {
  const threads = 3
  const widths = [1, 500, 30_000, 2, 90_000]
  const { buffer } = new Meeting(threads)
  const all = await meet(
    Array.from({ length: threads }, (_, own) => ({ own, threads, buffer, widths }))
  )
  const expected = widths.map((width) =>
    reduce(Array.from({ length: threads }, (_, k) => sumsOf(k, width)))
  )
  assert.ok(expected.at(-1)!.add.length === 90_000)
  for (const totals of all) assert.equal(totals, expected)
})

meeting(
  'none waits for one that does not come, nor for one that asks for something else',
  async () => {
    const late = new Meeting(2)
    const waiting = meet([{ own: 0, threads: 2, buffer: late.buffer, widths: [1] }])
    setTimeout(() => late.break(), 300)
    assert.equal(await waiting, ['another thread has ended'])
    const { buffer: empty } = new Meeting(2)
    const alone = await meet([{ own: 0, threads: 2, buffer: empty, widths: [1], waitMs: 20 }])
    assert.match(String(alone[0]), 'one of them does not come')
    const { buffer } = new Meeting(2)
    const apart = [7, 8].map((width, own) => ({ own, threads: 2, buffer, widths: [width] }))
    for (const said of await meet(apart)) assert.match(String(said), 'sums differ in length')
  }
)

meeting.run()

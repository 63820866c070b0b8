import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { ThalwegError } from '../../src/error.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { openFrame } from './frames.ts'
import { analysed } from './watcher.ts'

const memory = suite('a plan')

memory('refuses a plan that does not fit and proposes two that would', () => {
  const open = openFrame([
    { name: 'large', shape: [4000, 1000] },
    { name: 'small', shape: [100] },
  ])
  const { error } = analysed([open], { block: 64, memory: { max: 2 ** 20 } })
  assert.is((error as ThalwegError).code, 'E_MEMORY')
  assert.match((error as Error).message, 'exclude')
})

memory('proposes settings that fit as they stand, whatever else was selected', () => {
  const open = openFrame([
    { name: 'a.kernel', shape: [300, 100] },
    { name: 'b.kernel', shape: [300, 100] },
    { name: 'embedding', shape: [4000, 1000] },
  ])
  const memory = { max: 2 ** 21 }
  const select = { include: ['*.kernel'], every: 2 }
  const { message } = analysed([open], { memory, select }).error as ThalwegError
  const proposals = message.match(/^ {2}\{.*\}/gm)!.map((text) => JSON.parse(text))
  assert.equal(proposals[0], { select: { ...select, exclude: ['a.kernel'] } })
  for (const proposal of proposals) {
    assert.is(analysed([open], { memory, select, ...proposal }).error, undefined)
  }
})

memory('proposes two settings that fit, for many small tensors or a single large one', () => {
  const many = openFrame(Array.from({ length: 500 }, (_, i) => ({ name: `t${i}`, shape: [2048] })))
  const one = openFrame([{ name: 'w', shape: [4000, 1000] }])
  const runs: [Frame, (options: AnalyseOptions) => ReturnType<typeof analyse>][] = [
    [many, (options) => analyse(options, svd({ rank: 4, tier: 'basis', per: 'tensor' }))],
    [one, (options) => analyse(options, health())],
  ]
  for (const [open, analysis] of runs) {
    const refusal = (options: AnalyseOptions): string => {
      let message = ''
      from([open])
        .pipe(analysis(options))
        .subscribe({ error: (error: Error) => (message = error.message) })
      return message
    }
    const memory = { max: 2 ** 23 }
    const proposals = refusal({ memory }).match(/^ {2}\{.*\}/gm)!
    assert.is(proposals.length, 2)
    for (const proposal of proposals) {
      const { stages: _, ...options } = JSON.parse(proposal)
      assert.is(refusal({ memory, ...options }), '')
    }
  }
})

memory('refuses a plan that is too large for one memory and proposes more of them', () => {
  const open = openFrame([{ name: 'large', shape: [60_000_000] }])
  const refused = (options: AnalyseOptions) =>
    String(analysed([open], { block: 16, ...options }).error)
  const limit = 2 ** 32 - 2 ** 16 - 64
  const large = refused({ memory: { max: 8e9 } })
  assert.match(large, /E_MEMORY/)
  assert.match(large, `one memory holds ${limit}. These would fit:\n  {"shards":2}`)
  const both = refused({ memory: { max: 1e9 } })
  const [max, shards] = /"max":(\d+)},"shards":(\d+)/.exec(both)!.slice(1).map(Number)
  assert.is(shards, 2)
  assert.ok(max! > limit && max! < 2 * limit)
})

memory.run()

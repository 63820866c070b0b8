import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../../src/error.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { type CmdOptions, type CmdValues, says } from '../../../src/stages/cmd/spec.ts'
import { openFrame } from '../../engine/frames.ts'
import { analyseRecording } from '../harness.ts'
import { follow, gaussian, jumping, walk } from './walks.ts'

const modes = suite('correlation modes, as a stage')

modes(
  'say in a sentence what they explain beside the null, and when the columns are too few',
  () => {
    const { deltas } = jumping(96, 400, 4)
    const texts = (options: Partial<CmdOptions>): string[] => {
      const { values } = analyseRecording({ deltas: [deltas] }, cmd(options)).summaries.at(-1)!
      return says(values as unknown as CmdValues).map(({ level, text }) => `${level}: ${text}`)
    }
    const [said, ...more] = texts({ modes: 4 })
    assert.match(
      said!,
      /^info: 4 modes explain 9\d.* % of the movement; .* so these move in groups\.$/
    )
    const noise = analyseRecording({ deltas: [walk(96, 400, 5).deltas] }, cmd()).summaries.at(-1)!
    const [chance] = says(noise.values as unknown as CmdValues)
    assert.match(chance!.text, /at random reach \d\d.* %, so there is no sign of groups\.$/)
    assert.equal(more, [])
    const [, warning] = texts({ modes: 4, columns: 2, forget: 0.99 })
    assert.is(warning, undefined, 'two columns are four')
    const many = follow(
      96,
      400,
      ((normal) => {
        const clocks = Array.from({ length: 16 * 97 }, () => normal())
        return (i: number, t: number) => clocks[(i % 16) * 97 + t]!
      })(gaussian(3))
    )
    const { values } = analyseRecording({ deltas: [many.deltas] }, cmd()).summaries.at(-1)!
    const { explained, leftOut } = values as unknown as CmdValues
    assert.ok(leftOut > 0.3 && explained <= 1 - leftOut, `${leftOut}, ${explained}`)
    const [, raise] = says(values as unknown as CmdValues)
    assert.is(raise!.level, 'warn')
    assert.match(raise!.text, 'raise "columns"')
  }
)

modes('take 17 bytes a weight and 4 for every column', () => {
  const { plan } = cmd.definition
  const shape = {
    open: openFrame([]),
    scope: { name: 'model', tensors: [], indices: [], elements: 5000, rows: 5000, tiles: 20 },
    member: 0,
    block: 16,
    elementBytes: 4 as const,
    facts: {},
    read: [],
    isNull: false,
    sources: {},
  }
  const options: CmdOptions = {
    modes: 10,
    look: {},
    warmup: 20,
    choose: 1,
    samples: 1000,
    columns: 8,
    forget: 1,
    seed: 0,
  }
  const { perTile, header } = plan(shape, options)
  assert.is(perTile, 16 + tileRows * (17 + 4 * 8))
  assert.is(header, 8 * (12 + 16 + 10 * (4 + 8)))
  assert.is(plan(shape, { ...options, columns: 5 }).perTile, perTile, 'columns come in fours')
})

modes('refuse a member without positions', () => {
  const { deltas } = walk(8, 10, 1)
  const { error } = analyseRecording(
    { deltas: [deltas, deltas] },
    cmd({ member: 1 } as Parameters<typeof cmd>[0])
  )
  assert.is((error as ThalwegError).code, 'E_CONFIG')
})

modes.run()

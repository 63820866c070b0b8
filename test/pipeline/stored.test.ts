import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specsOf } from '../../src/engine/run/specs.ts'
import { type AnalysedBlock, type Summary, summaryLine } from '../../src/engine/summary.ts'
import { ThalwegError } from '../../src/error.ts'
import { storedBlocks } from '../../src/pipeline/stored.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'

const stored = suite('stored summaries')

const specs = specsOf({ stages: [everyKind] })
const { type } = everyKind.definition

function summary(step: number, more: Partial<Summary> = {}): Summary {
  const place = { run: 'r', stage: type, type, scope: 'model', member: 0, step, frames: 2 * step }
  return { schema: 'thalweg.summary/1', ...place, values: everyValue, alerts: [], ...more }
}

const trained = (step: number, frames: number) =>
  summary(step, { stage: 'metrics', type: 'metrics', frames, values: { loss: Number.NaN } })
const end = (step: number) => {
  const counts = { steps: 3, recorded: 3, blocks: 1, frames: 6, bytes: 9, memory: 1 }
  const values = { end: 'closed', ...counts, parameters: 1, tensors: 1, members: 1 }
  return summary(step, { stage: 'run', type: 'run', values })
}

const linesOf = (summaries: readonly Summary[]): string =>
  summaries.map((one) => `${summaryLine(one)}\n`).join('')

async function read(text: string, chunk = 1000): Promise<AnalysedBlock[]> {
  const bytes = new TextEncoder().encode(text)
  const blocks: AnalysedBlock[] = []
  async function* chunks() {
    const room = new Uint8Array(chunk)
    for (let at = 0; at < bytes.length; at += chunk) {
      const piece = bytes.subarray(at, at + chunk)
      room.set(piece)
      yield room.subarray(0, piece.length)
    }
  }
  for await (const block of storedBlocks(chunks(), specs, 'file "x"')) blocks.push(block)
  return blocks
}

async function refused(text: string): Promise<string> {
  try {
    await read(text)
    return ''
  } catch (error) {
    assert.instance(error, ThalwegError)
    return (error as ThalwegError).message
  }
}

stored(
  'are what the run emitted, numbers that are not known included, in chunks of any size',
  async () => {
    const summaries = [summary(1), trained(1, 2), summary(2), summary(3), end(3)]
    for (const chunk of [1, 7, 1 << 20]) {
      const blocks = await read(linesOf(summaries), chunk)
      assert.equal(
        blocks.map(({ from, to, final, summaries }) => [from, to, final, summaries.length]),
        [
          [1, 1, false, 2],
          [2, 2, false, 1],
          [3, 3, true, 2],
        ]
      )
      assert.equal(
        blocks.flatMap(({ summaries }) => summaries),
        summaries
      )
    }
  }
)

stored('of several runs come one run after another, of one name too', async () => {
  const blocks = await read(linesOf([summary(3), end(3), summary(3), end(3)]))
  assert.equal(
    blocks.map(({ final, summaries }) => [final, summaries.length]),
    [
      [true, 2],
      [true, 2],
    ]
  )
})

stored('of a writer that was killed end with the last whole line', async () => {
  const text = linesOf([summary(1), summary(2)])
  assert.is((await read(text.slice(0, -40))).length, 1)
  assert.is((await read(text.slice(0, -1))).length, 2)
  assert.equal(await read(''), [])
  assert.equal(await read('\n\n'), [])
})

stored('of a stage that is not known stay as they are', async () => {
  const other = summary(1, { type: 'not-known', values: { turns: 3, list: [null] } })
  const [block] = await read(linesOf([other]))
  assert.equal(block!.summaries[0]!.values, { turns: 3, list: [null] })
})

stored('of another version have what is declared here', async () => {
  const { things: _, ...older } = everyValue
  const values = { ...older, former: 3 } as object as Summary['values']
  const [block] = await read(linesOf([summary(1, { values })]))
  const { things, former } = block!.summaries[0]!.values
  assert.ok(Number.isNaN(things))
  assert.is(former, undefined)
})

stored('are refused where a line is none, with its number', async () => {
  const good = linesOf([summary(1)])
  assert.match(await refused(`${good}not JSON\n`), 'file "x", line 2: it is not JSON.')
  assert.match(await refused('{}\n'), 'line 1: it is not of schema thalweg.summary/1')
  assert.match(await refused(good.replace('"step":1', '"step":-1')), 'E_SUMMARY')
  assert.match(await refused(good.replace('"alerts":[]', '"alerts":[{}]')), 'E_SUMMARY')
  for (const wrong of [
    { values: 'many' },
    { history: { steps: 3 } },
    { modes: [null] },
    { phases: [] },
    { finding: 'odd' },
    { layers: 1 },
  ]) {
    const values = { ...everyValue, ...wrong } as object as Summary['values']
    const [name] = Object.keys(wrong)
    assert.match(await refused(linesOf([summary(1, { values })])), `its figure "${name}" is not`)
  }
})

stored.run()

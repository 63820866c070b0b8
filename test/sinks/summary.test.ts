import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Gist } from '../../src/sinks/summary/gist.ts'
import { summary as sink } from '../../src/sinks/summary/index.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'
import {
  blockOf,
  blocks,
  endAt,
  hostile,
  opened,
  specs,
  summary,
  sunk,
  type,
} from '../support/stored.ts'

const gist = suite('the summary of a run')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
gist.after(() => rmSync(folder, { recursive: true }))

interface Written {
  readonly json: { readonly schema: string; readonly runs: readonly Gist[] }
  readonly page: string
}

function written(path: string): Written {
  const json = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')) as Written['json']
  return { json, page: readFileSync(join(path, 'summary.md'), 'utf8') }
}

const path = join(folder, 'whole')
await sunk(sink, { path }, [blocks[0]!, blocks[2]!])
const { json, page } = written(path)

gist('says how it ended, what is grave first, and each alert once', () => {
  assert.is(json.schema, 'thalweg.gist/1')
  const [run] = json.runs as [Gist]
  assert.equal([run.run, run.end, run.step], ['r', 'closed', 30])
  assert.equal(
    run.says.map(({ stage, level }) => [stage, level]),
    [
      [type, 'warn'],
      [type, 'info'],
      ['run', 'info'],
    ]
  )
  assert.is(run.says[0]!.text, 'The ratio is 0.674, as it always is.')
  const alert = { id: `${type}/seen`, level: 'warn', count: 1, step: 10, message: 'here it is' }
  assert.equal(run.alerts, [alert])
  const loss = { name: 'loss', member: 0, first: 2.5, last: 0.5, step: 30 }
  assert.equal(run.metrics[0], loss)
})

gist('has the single figures and the first of those over rank, as they are', () => {
  const { figures } = json.runs[0]!.stages.find(({ stage }) => stage === type)!
  for (const [name, figure] of Object.entries(everyKind.definition.figures)) {
    const isShort = /scalar|share|count|verdict|text|interval|rank/.test(figure.kind)
    assert.is(name in figures, isShort && !('when' in figure), name)
  }
  assert.is(figures.ratio, everyValue.ratio)
  assert.equal(figures.errors, [0.01, null])
  assert.equal(figures.ranges, [[12, 12.6], null])
})

gist('is a page for people, too', () => {
  assert.match(page, '# r\n\nclosed at step 30\n')
  assert.match(page, '- **warn** The ratio is 0.674, as it always is.')
  assert.match(page, '| warn | every-kind/seen | 1 | 10 | here it is |')
  assert.match(page, '| loss | 0 | 2.500 | 0.5000 | 30 |')
  assert.match(page, '| Ratio | 67.4 % |  |')
  assert.match(page, '| value | 12.35, 1.234e-5 | m |')
})

gist('is there while the run goes on, of every run of the stream', async () => {
  const path = join(folder, 'live')
  const open = await opened(sink, { path })
  await open.write(blocks[0]!)
  assert.is(written(path).json.runs[0]!.end, 'running')
  await open.write(blocks[2]!)
  await open.write(blockOf(summary(5, { run: 'second' }), endAt(5, 'second')))
  await open.close()
  assert.equal(
    written(path).json.runs.map(({ run }) => run),
    ['r', 'second']
  )
  assert.equal(readdirSync(path).sort(), ['summary.json', 'summary.md', 'summary.ndjson'])
})

gist('goes on where the run was saved, as if it had never stopped', async () => {
  const path = join(folder, 'resumed')
  const stopped = await opened(sink, { path })
  await stopped.write(blocks[0]!)
  const length = await stopped.length!()
  // What came after the run was saved comes once more.
  await stopped.write(blocks[1]!)
  await stopped.write(blockOf(endAt(20)))
  await stopped.close()
  const { definition } = sink()
  const resumed = await definition.open({ path } as never, { specs, length })
  await resumed.write(blocks[1]!)
  await resumed.write(blocks[2]!)
  await resumed.close()
  const whole = join(folder, 'unstopped')
  await sunk(sink, { path: whole }, blocks)
  assert.equal(written(path), written(whole))
  const [run] = written(path).json.runs
  assert.is(run!.alerts[0]!.count, 1)
  assert.is(run!.metrics[0]!.first, 2.5)
})

gist('lets no name of a stranger be markup', async () => {
  const path = join(folder, 'hostile')
  await sunk(sink, { path }, [blockOf(summary(5, { run: hostile, scope: hostile }))])
  const { json, page } = written(path)
  assert.not.match(page, /<script|\p{Bidi_Control}|[^\\]\|\s*`x/u)
  assert.not.match(page.replaceAll('\n', ''), /\p{Cc}/u)
  assert.not.match(JSON.stringify(json), /\p{Cc}|\p{Bidi_Control}/u)
})

gist.run()

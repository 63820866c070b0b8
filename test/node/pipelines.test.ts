import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnalysedBlock } from '../../src/engine/summary.ts'
import { readPipeline } from '../../src/node/pipeline-file.ts'
import { registry } from '../../src/node/registry.ts'
import { shippedPipelines } from '../../src/node/shipped.ts'
import { runPipeline } from '../../src/pipeline/run-pipeline.ts'
import { defineSink } from '../../src/pipeline/sink.ts'
import { file } from '../../src/sources/file/index.ts'
import { stream } from '../support/stream.ts'

const shipped = suite('shipped pipelines')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
shipped.after(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'stream.msgpack')
writeFileSync(path, stream({ steps: 150, members: 2, rows: 3000 }))

for (const name of shippedPipelines()) {
  shipped(`${name} has no problem and runs`, async () => {
    const { pipeline, problems } = await readPipeline(name, [], registry)
    assert.equal(problems, [])
    const blocks: AnalysedBlock[] = []
    const write = (block: AnalysedBlock): void => {
      blocks.push(block)
    }
    const open = () => ({ write, close: () => {} })
    const sink = defineSink({ type: 'test', summary: 'A sink.', options: {}, open })
    await runPipeline({ ...pipeline, source: file({ path }), sinks: [sink()] })
    const last = blocks.at(-1)!.summaries
    const ids = new Set(last.map(({ stage }) => stage))
    for (const { id } of pipeline.settings.stages) assert.ok(ids.has(id), `${id} says nothing`)
    assert.is(last.at(-1)!.values.end, 'closed')
    assert.is(last.at(-1)!.values.steps, 150)
  })
}

shipped.run()

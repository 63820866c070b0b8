import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineAlerts } from '../src/engine/run/alerts.ts'
import { registry } from '../src/node/registry.ts'
import { lintPipeline } from '../src/pipeline/pipeline.ts'

const outputs = suite('docs/outputs.md')
const page = readFileSync('docs/outputs.md', 'utf8')

outputs('shows parts of pipelines that are right', () => {
  const parts = [...page.matchAll(/```json\n("\w+": [\s\S]*?)```/g)].map(([, part]) => part!)
  assert.is(parts.length, 2)
  const stages = [{ type: 'svd', rank: 4 }]
  const { problems } = lintPipeline({ stages, ...JSON.parse(`{${parts.join(',')}}`) }, registry)
  assert.equal(problems, [])
  assert.ok(Object.keys(engineAlerts).includes('run/truncated'))
})

outputs('names every sink, and no other', () => {
  const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  const types = registry.sinks.map(({ definition }) => definition.type)
  assert.equal([...named].sort(), [...types].sort())
})

outputs.run()

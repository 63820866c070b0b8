// What we write is read by Prometheus's own parser for Python.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prometheus } from '../../src/sinks/prometheus/index.ts'
import { Latest } from '../../src/sinks/prometheus/latest.ts'
import { prometheusText } from '../../src/sinks/prometheus/text.ts'
import { checkSink, everyKind } from '../../src/testing/index.ts'
import { hasPython, python } from '../support/python.ts'
import {
  blockOf,
  blocks,
  hostile,
  metricsAt,
  opened,
  specs,
  summary,
  type,
} from '../support/stored.ts'

const metrics = suite('metrics for Prometheus')

function textOf(...given: typeof blocks): string {
  const latest = new Latest()
  for (const block of given) latest.add(block)
  return prometheusText(latest, specs)
}

const text = textOf(...blocks)
const at = `run="r",stage="${type}",scope="model",member="0"`

metrics('have the newest figures of every kind', () => {
  for (const line of [
    `thalweg_every_kind_ratio{${at}} 0.674`,
    `thalweg_every_kind_things{${at}} 12976`,
    `thalweg_every_kind_values{${at},rank="2"} 0.00001234`,
    `thalweg_every_kind_size_interval_high{${at}} 2.9`,
    `thalweg_every_kind_ranges_low{${at},rank="1"} 12`,
    `thalweg_every_kind_history{${at},line="2"} 6`,
    `thalweg_every_kind_eigenvalues_imaginary{${at},rank="2"} -0.25`,
    `thalweg_every_kind_sizes_bucket{${at},le="2"} 7`,
    `thalweg_every_kind_layers{${at},row="a.b",column="1"} 10`,
    `thalweg_every_kind_modes_members{${at},rank="1"} 23012`,
    `thalweg_every_kind_modes_kind_info{${at},rank="1",text="real"} 1`,
    `thalweg_every_kind_phases_count{${at},from="slow",to="fast"} 3`,
    `thalweg_every_kind_finding{${at},value="calm"} 1`,
    `thalweg_every_kind_finding{${at},value="wild"} 0`,
    `thalweg_every_kind_remark_info{${at},text="Words of its own."} 1`,
    'thalweg_metrics{run="r",stage="metrics",scope="model",member="0",name="loss"} 0.5',
    `thalweg_alerts_total{run="r",stage="${type}",id="${type}/seen",level="warn"} 1`,
    'thalweg_step{run="r"} 30',
    '# HELP thalweg_every_kind_size A length. (m)',
    '# TYPE thalweg_every_kind_sizes histogram',
  ]) {
    assert.ok(text.split('\n').includes(line), line)
  }
  for (const [name, figure] of Object.entries(everyKind.definition.figures)) {
    const family = `thalweg_every_kind_${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}`
    assert.ok(text.includes(`\n${family}`) || 'when' in figure, name)
  }
})

metrics('keep what the trainer said before, and the last runs alone', () => {
  const later = textOf(
    blockOf(metricsAt(1, { loss: 3, acc: 0.5 })),
    blockOf(metricsAt(2, { loss: 2 }))
  )
  assert.match(later, 'name="acc"} 0.5')
  assert.match(later, 'name="loss"} 2')
  const runs = Array.from({ length: 20 }, (_, i) => blockOf(summary(i, { run: `run${i}` })))
  const shown = textOf(...runs)
  assert.match(shown, 'thalweg_step{run="run19"} 19')
  assert.not.match(shown, 'run="run3"')
})

metrics('are served while the run goes on', async () => {
  const port = 20_000 + (process.pid % 20_000)
  const sink = await opened(prometheus, { port })
  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method })
  try {
    assert.is((await get('/healthz')).status, 200)
    assert.is((await get('/readyz')).status, 503)
    assert.is(await (await get('/metrics')).text(), '')
    for (const block of blocks) await sink.write(block)
    assert.is((await get('/readyz')).status, 200)
    const answer = await get('/metrics?x=1')
    assert.match(answer.headers.get('Content-Type')!, 'version=0.0.4')
    assert.is(await answer.text(), text)
    assert.is((await get('/constructor')).status, 404)
    assert.is((await get('/metrics', 'POST')).status, 405)
    const taken = await opened(prometheus, { port }).catch((error: Error) => error.message)
    assert.match(String(taken), 'EADDRINUSE. Give another "port". [E_OUTPUT]')
  } finally {
    await sink.close()
  }
})

metrics('pass the conformance of sinks', async () => {
  assert.ok((await checkSink(prometheus, { options: { port: 0 } })).length > 3)
})

const test = hasPython('prometheus_client') ? metrics : metrics.skip

const parser = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as parse
families = list(parse(open(sys.argv[1]).read()))
print(json.dumps({'names': [f.name for f in families], 'samples': [[s.name, s.labels, s.value] for f in families for s in f.samples]}))
`

test("are read by Prometheus's parser, each family once, names of strangers as they are shown", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
  writeFileSync(join(folder, 'metrics'), textOf(...blocks, blockOf(summary(1, { run: hostile }))))
  const { names, samples } = python<{
    names: string[]
    samples: [name: string, labels: Record<string, string>, value: number][]
  }>(parser, join(folder, 'metrics'))
  rmSync(folder, { recursive: true })
  assert.is(new Set(names).size, names.length)
  const of = (name: string) => samples.filter(([own]) => own === name)
  assert.ok(
    of('thalweg_every_kind_ratio').some(([, { run }, value]) => run === 'r' && value === 0.674)
  )
  const stranger = of('thalweg_step').find(([, { run }]) => run !== 'r')![1].run!
  assert.match(stranger, '=1+1\\u001b[31m"><script>')
  assert.is(of('thalweg_every_kind_sizes_bucket').find(([, { le }]) => le === '+Inf')![2], 7)
})

metrics.run()

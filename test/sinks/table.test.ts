import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specsOf } from '../../src/engine/run/specs.ts'
import type { Summary } from '../../src/engine/summary.ts'
import { terminalOf } from '../../src/node/terminal.ts'
import { Overview } from '../../src/sinks/table/overview.ts'
import { render } from '../../src/sinks/table/render.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'

const table = suite('the table at the end of a run')

const plain = terminalOf({ isTTY: false, columns: 100 }, {})
const specs = specsOf({ stages: [everyKind] })

function summary(values: Summary['values'], rest: Partial<Summary> = {}): Summary {
  const type = everyKind.definition.type
  const place = { run: 'r', stage: type, type, scope: 'model', member: 0, step: 500, frames: 1001 }
  return { schema: 'thalweg.summary/1', ...place, values, alerts: [], ...rest }
}

function shown(summaries: readonly Summary[], terminal = plain): string {
  const overview = new Overview('r')
  overview.add({ run: 'r', from: 1, to: 500, final: true, summaries, columns: [] })
  return render(overview, specs, terminal)
}

const whole = shown([summary(everyValue)])

table('begins with what the stage says', () => {
  assert.match(whole, /every-kind .*\n {2}The ratio is 0\.674, as it always is\.\n {2}Nothing else/)
})

table('shows figures over rank side by side, and a dash for what is not known', () => {
  assert.match(whole, /value +at most +error +95 % interval/)
  assert.match(whole, /1 +12\.35 +12\.50 +0\.0100\d* +12 to 12\.6/)
  assert.match(whole, /2 +1\.234e-5 +0\.5000 +– +–/)
})

table('shows a figure beside its null with its scatter, or with its interval', () => {
  assert.match(whole, /Ratio +67\.4 % +null 60\.1 % ± 1\.2 %/)
  assert.match(whole, /Size +2\.500 +95 %: 2\.10 to 2\.90/)
  assert.not.match(whole, 'Ratio of the null')
})

table('shows a row of a table, a matrix, a spectrum, a graph and the end of a series', () => {
  assert.match(whole, /members +strength +part +span +kind +note +reference/)
  assert.match(whole, /1 +23,012 +0\.9312 +40\.0 % +40 to 500 +real +first +a\.b\[7\]/)
  assert.match(whole, /Layers +1 +2\n +a\.b +10 +2\n +c +0 +7/)
  assert.match(whole, /1 +0\.5000 \+ 0\.2500i +0\.5590\n +2 +0\.5000 − 0\.2500i/)
  assert.match(whole, /slow → fast +3 times/)
  assert.match(whole, /History +3, 6 +at step 4/)
})

table('shows words and verdicts, and counts that are not 0', () => {
  assert.match(whole, /Finding +calm/)
  assert.match(whole, 'Remark: Words of its own.')
  assert.match(whole, /Things +12,976/)
  assert.not.match(shown([summary({ ...everyValue, things: 0 })]), 'Things')
})

table('leaves out what is not known, and says once why', () => {
  const pending = { ...everyValue, ratio: Number.NaN, modes: null, why: 'warmup has 3 of 20' }
  const text = shown([summary(pending)])
  assert.not.match(text, 'strength')
  assert.match(text, 'warmup has 3 of 20')
  const scopes = ['tensor:a', 'tensor:b'].map((scope) => summary(pending, { scope }))
  assert.is(shown(scopes).match(/warmup has 3 of 20/g)!.length, 1)
  const [first, second] = scopes as [Summary, Summary]
  const other = { ...second, values: { ...pending, why: 'another' } }
  assert.not.match(shown([first, other]), 'warmup')
})

table('shows one row a scope where there are many, and counts what it leaves out', () => {
  const scopes = Array.from({ length: 30 }, (_, i) =>
    summary(everyValue, { scope: `tensor:t${i}` })
  )
  const text = shown(scopes)
  assert.match(text, '30 scopes')
  assert.match(text, /Ratio +null +Size +value +Finding/)
  assert.match(text, /tensor:t23 +67\.4 % +60\.1 % +2\.500 +12\.35 +calm/)
  assert.not.match(text, 'tensor:t24')
  assert.match(text, 'and 6 scopes more')
})

table('shows where the loss began and ended, and each alert once', () => {
  const overview = new Overview('r')
  const alerts = [{ id: 'health/gap', level: 'warn', message: 'a gap' }] as const
  for (const [step, loss] of [
    [16, 2.3012],
    [500, 0.21],
  ] as const) {
    const values = { loss }
    const summaries = [summary(values, { type: 'metrics', stage: 'metrics', step, alerts })]
    overview.add({ run: 'r', from: 1, to: step, final: step === 500, summaries, columns: [] })
  }
  const text = render(overview, specs, plain)
  assert.match(text, /loss +2\.301 at step 16 +→ +0\.2100 at step 500/)
  assert.match(text, 'warn health/gap, 2 times, the last at step 500: a gap')
})

table('is coloured on a terminal that wants it, and no wider than asked', () => {
  const one = [summary(everyValue)]
  assert.match(shown(one, terminalOf({ isTTY: true, columns: 80 }, {})), '\x1b[1m')
  assert.not.match(shown(one, terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' })), '\x1b')
  assert.not.match(shown(one, terminalOf({ isTTY: false, columns: 80 }, {})), '\x1b')
  const long = summary({ ...everyValue, modes: null, why: 'because '.repeat(50) })
  for (const line of shown([long], terminalOf({ isTTY: false, columns: 80 }, {})).split('\n')) {
    assert.ok(line.length <= 80, line)
  }
})

table('puts columns that do not fit below, beside the names of rows again', () => {
  const note = 'a note of thirty characters, so'
  const modes = [1, 2].map((members) => ({ ...everyValue.modes![0]!, members, note }))
  const text = shown(
    [summary({ ...everyValue, modes })],
    terminalOf({ isTTY: false, columns: 60 }, {})
  )
  for (const line of text.split('\n')) assert.ok(line.length <= 60, line)
  assert.match(
    text,
    /members +strength +part +span +kind\n {2}1 +1 .*\n {2}2 +2 .*\n +note +reference\n {2}1 +a note/
  )
})

table('shows the end of long names of layers, which tells them apart', () => {
  const scopes = ['q', 'k'].map((name) =>
    summary(everyValue, {
      scope: `tensor:base_model.model.layers.0.self_attn.${name}_proj.default.weight`,
    })
  )
  const text = shown(scopes, terminalOf({ isTTY: false, columns: 80 }, {}))
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line)
  assert.match(
    text,
    /\n {2}…\S+q_proj\.default\.weight +67\.4 %.*\n {2}…\S+k_proj\.default\.weight +67\.4 %/
  )
})

table.run()

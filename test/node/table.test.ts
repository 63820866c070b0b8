import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Summary } from '../../src/engine/summary.ts'
import { terminalOf } from '../../src/node/terminal.ts'
import { Overview } from '../../src/sinks/table/overview.ts'
import { render } from '../../src/sinks/table/render.ts'

const table = suite('the table at the end of a run')

const plain = terminalOf({ isTTY: false, columns: 100 }, {})

function summary(type: string, values: Summary['values'], rest: Partial<Summary> = {}): Summary {
  const place = { run: 'r', stage: type, type, scope: 'model', member: 0, step: 500, frames: 1001 }
  return { schema: 'thalweg.summary/1', ...place, values, alerts: [], ...rest }
}

function shown(summaries: readonly Summary[], terminal = plain): string {
  const overview = new Overview('r')
  overview.add({ run: 'r', from: 1, to: 500, final: true, summaries, columns: [] })
  return render(overview, terminal)
}

const svd = summary('svd', {
  singularValues: [12.345678, 0.00001234],
  upperBounds: [12.5, 0.5],
  estimatedErrors: [0.01, null],
  energy: 200,
  captured: 0.762,
  capturedNull: 0.1,
  effectiveRank: 1.02,
  kept: 8,
})

table('shows singular values with their bounds, and what is captured beside the null', () => {
  const text = shown([svd])
  assert.match(text, /1 +12\.35 +12\.50 +0\.010 +76\.2 %/)
  assert.match(text, /2 +1\.234e-5 +0\.5000 +– +0\.0 %/)
  assert.match(text, 'captured 76.2 %, by a random walk 10.0 %; effective rank 1.020 of 8')
})

table('shows modes with what is explained beside the null, and exponents with intervals', () => {
  const mode = { size: 23012, meanAbsCorrelation: 0.9312, reference: { tensor: 'a.b', index: 7 } }
  const text = shown([
    summary('cmd', { modes: [mode], explained: 0.81, explainedNull: 0.34, constants: 2 }),
    summary('ftle', {
      exponents: [0.0123],
      intervals: [[0.01, 0.0146]],
      windows: [[40, 500]],
      efoldings: 5.66,
      verdict: 'chaotic',
    }),
  ])
  assert.match(text, /1 +23,012 +0\.931 +a\.b\[7\]/)
  assert.match(text, 'explained 81.0 %, of a random walk 34.0 %')
  assert.match(text, '2 weights did not move')
  assert.match(text, /1 +0\.0123 +0\.0100 to 0\.0146 +40 to 500/)
  assert.match(text, '5.7 e-foldings; verdict: chaotic')
})

table('shows changes of mode, and weights without one', () => {
  const values = { modes: [], explained: 0.5, constants: 1, unassigned: 3, reassigned: 1200 }
  assert.match(
    shown([summary('cmd', values)]),
    '1 weight did not move; 3 weights moved later, without a mode; 1,200 changes of mode so far'
  )
})

const local = {
  method: 'local-linear',
  exponents: [0.05, null],
  intervals: [[0.04, 0.06], null],
  window: [1, 300],
  windows: [
    [1, 300],
    [1, 300],
  ],
  spectral: [-0.012, -0.7],
  spectralIntervals: [[-0.02, -0.004], null],
  horizon: 32,
  captured: 0.914,
  unexplained: 0.2,
  efoldings: 3.6,
  verdict: 'contracting',
}

table('shows both kinds of exponents of a linear map, and what it tells of the motion', () => {
  const text = shown([summary('ftle', local)])
  assert.match(text, /over 32 steps +95 % interval +ln \|μ\| +95 % interval/)
  assert.match(text, /1 +0\.0500 +0\.0400 to 0\.0600 +-0\.0120 +-0\.0200 to -0\.00400/)
  assert.match(text, /2 +– +– +-0\.700 +–/)
  assert.match(text, 'from steps 1 to 300; 91.4 % of the motion lies in these directions, 20.0 %')
  const rows = shown(['tensor:a', 'tensor:b'].map((scope) => summary('ftle', local, { scope })))
  assert.match(rows, /tensor:a +-0\.0120 +-0\.0200 to -0\.00400 +3\.6 +contracting/)
  const early = { ...local, exponents: [], horizon: null, window: null, verdict: 'insufficient' }
  assert.not.match(shown([summary('ftle', early)]), /interval/)
  const alone = { method: 'twin', exponents: [], efoldings: 0, verdict: 'no-twin' }
  assert.not.match(shown([summary('ftle', alone)]), /interval/)
})

table('says once why a figure is missing in every scope', () => {
  const pending = { modes: null, explained: null, why: 'warmup has 3 of 20' }
  const scopes = ['tensor:a', 'tensor:b'].map((scope) => summary('cmd', pending, { scope }))
  assert.is(shown(scopes).match(/why: warmup has 3 of 20/g)!.length, 1)
  const [first, second] = scopes as [Summary, Summary]
  const other = { ...second, values: { ...pending, why: 'another' } }
  assert.not.match(shown([first, other]), 'why')
})

table('says why a figure is missing', () => {
  const text = shown([summary('cmd', { modes: null, explained: null, why: 'warmup has 3 of 20' })])
  assert.match(text, 'explained –, of a random walk –')
  assert.match(text, 'why: warmup has 3 of 20')
})

table('shows one row a scope where there are many, and counts what it leaves out', () => {
  const scopes = Array.from({ length: 30 }, (_, i) => ({ ...svd, scope: `tensor:t${i}` }))
  const text = shown(scopes)
  assert.match(text, '30 scopes')
  assert.match(text, /tensor:t23 +12\.35 +76\.2 % +10\.0 % +1\.02/)
  assert.not.match(text, 'tensor:t24')
  assert.match(text, 'and 6 scopes more')
})

table('shows the figures of a stage that it does not know', () => {
  assert.match(shown([summary('mine', { turns: 3, shape: 'round', list: [1] })]), /turns +3/)
})

table('shows where the loss began and ended, and each alert once', () => {
  const overview = new Overview('r')
  const alerts = [{ id: 'health/gap', level: 'warn', message: 'a gap' }] as const
  for (const [step, loss] of [
    [16, 2.3012],
    [500, 0.21],
  ] as const) {
    const summaries = [summary('metrics', { loss }, { step, alerts })]
    overview.add({ run: 'r', from: 1, to: step, final: step === 500, summaries, columns: [] })
  }
  const text = render(overview, plain)
  assert.match(text, /loss +2\.301 at step 16 +→ +0\.2100 at step 500/)
  assert.match(text, 'warn health/gap, 2 times, the last at step 500: a gap')
})

table('is coloured on a terminal that wants it, and no wider than asked', () => {
  const colourful = terminalOf({ isTTY: true, columns: 80 }, {})
  assert.match(shown([svd], colourful), '\x1b[1m')
  assert.not.match(
    shown([svd], terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' })),
    '\x1b'
  )
  assert.not.match(shown([svd], terminalOf({ isTTY: false, columns: 80 }, {})), '\x1b')
  const long = summary('cmd', { modes: null, why: 'because '.repeat(50) })
  for (const line of shown([svd, long], terminalOf({ isTTY: false, columns: 80 }, {})).split(
    '\n'
  )) {
    assert.ok(line.length <= 80, line)
  }
})

table.run()

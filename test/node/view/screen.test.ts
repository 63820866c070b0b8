import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lookOf } from '../../../src/node/cli/look.ts'
import { terminalOf } from '../../../src/node/terminal.ts'
import { screenOf } from '../../../src/node/view/screen.ts'
import { sparkline } from '../../../src/node/view/sparkline.ts'
import { cut, fitted, widthOf } from '../../../src/node/view/width.ts'
import { everyRun, everySummary, heard, metrics } from '../../report/support.ts'

const view = suite('the view on a terminal')

const pace = { framesPerSecond: 183, bytesPerSecond: 74.6e6, lagMs: 120 }
const plain = (columns: number) => terminalOf({ isTTY: false, columns }, {})
const screen = (summaries: Parameters<typeof heard>[0], columns = 80, rows = 24) =>
  screenOf(heard(summaries).picture, pace, plain(columns), rows)

view('shows sentences, figures with their nulls, and alerts', () => {
  const text = screen(everyRun(400)).join('\n')
  assert.match(
    text,
    /^r · step 400 · 183 frames\/s · 74\.6 MB\/s · lag 120 ms\n\n {2}▲ The ratio is 0\.674/
  )
  assert.match(text, /loss {16}[▁-█]{20,} +0\.100 {2}from 0\.632/)
  assert.match(text, /Ratio {15}[▁-█]+ +67\.4\s%\n {5}null {13}[▁-█]+ +60\.1\s% {2}± 1\s%/)
  assert.match(text, /Value \(m\) .+ 12\.3 {2}95 %: 12 to 12\.6/)
  assert.match(text, /▲ every-kind\/seen .+ times/)
})

view('shows an interval with fewer digits where there is no room, and never cuts a number', () => {
  const ranges = [[-8.59e-8, 0.00027212], null] as const
  const small = [10, 20].map((step) =>
    everySummary(step, { values: { ...everySummary(1).values, ranges } })
  )
  assert.match(screen(small).join('\n'), /95 %: −8\.6e−8 to 0\.00027$/m)
})

view('is never wider than 40, 80 or 120 columns, nor higher than its rows', () => {
  const scopes = Array.from({ length: 30 }, (_, i) => everySummary(10, { scope: `tensor:層/${i}` }))
  for (const columns of [40, 80, 120]) {
    const lines = screen([...everyRun(400), ...scopes], columns)
    assert.ok(lines.length <= 24)
    for (const line of lines) assert.ok(widthOf(line) <= columns, `${widthOf(line)}: ${line}`)
  }
})

view('shows the names of strangers without what steers a terminal', () => {
  const bad = '\u001b[2Jrun\u202e\n\u0007'
  const lines = screen([
    everySummary(10, { run: bad, alerts: [{ id: bad, level: 'error', message: bad }] }),
    everySummary(20, { run: bad }),
    metrics(20, { [bad]: 1 }, { run: bad }),
  ])
  assert.not.match(lines.join(''), /\p{Cc}|\p{Bidi_Control}/u)
})

view('draws lines of bars', () => {
  assert.is(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█')
  assert.is(sparkline([0.5, null], 2, [0, 1]), '▅ ')
  assert.is(sparkline([1, 1], 2), '▅▅')
})

view('counts columns, not characters', () => {
  assert.is(widthOf('層a\u0301'), 3)
  assert.is(cut('層層層', 5), '層層…')
  assert.is(fitted('ab', 4, 'right'), '  ab')
})

view('is for people at a terminal; pipes and files get lines', () => {
  const at = (stdout: boolean, stderr = stdout) =>
    ({ stdout: { isTTY: stdout }, stderr: { isTTY: stderr } }) as unknown as NodeJS.Process
  const none = { json: false, table: false, plain: false, quiet: false }
  assert.is(lookOf(none, at(true)), 'view')
  assert.is(lookOf(none, at(false)), 'lines')
  assert.is(lookOf({ ...none, table: true }, at(false)), 'table')
  assert.is(lookOf({ ...none, plain: true }, at(true)), 'table')
  assert.is(lookOf({ ...none, quiet: true }, at(true)), 'table')
  assert.is(lookOf({ ...none, json: true }, at(true)), 'lines')
  assert.is(lookOf(none, at(true, false)), 'table')
})

view.run()

import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse } from '../../src/analyse.ts'
import { selectTensors } from '../../src/engine/planning/select.ts'
import type { Select } from '../../src/engine/settings/fields.ts'
import type { Alert, Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import { svd } from '../../src/stages/svd/index.ts'
import { bytes, delta, openFrame } from './frames.ts'

const select = suite('a selection')

function alertsOf(names: readonly string[], selection: Partial<Select>): Alert[] {
  const alerts: Alert[] = []
  const open = openFrame(names.map((name) => ({ name, shape: [2] })))
  from([
    open,
    delta(
      1,
      names.map(() => bytes([1, 2]))
    ),
  ])
    .pipe(analyse({ select: selection, alerts: { 'run/truncated': 'off' } }))
    .subscribe(({ summaries }) => alerts.push(...summaries.flatMap((summary) => summary.alerts)))
  return alerts
}

select('warns of what it includes and does not find', () => {
  const [alert] = alertsOf(['dense.kernel'], { include: ['**', 'decoder.**'] })
  assert.equal([alert!.id, alert!.level], ['select/unmatched', 'warn'])
})

select('warns of what it excludes where a name is like it, and names that', () => {
  for (const [pattern, near] of [
    ['**.biass', 'dense.bias'],
    ['dens.bias', 'dense.bias'],
    ['encoder.**', 'decoder.kernel'],
  ] as const) {
    const [alert] = alertsOf(['decoder.kernel', 'dense.bias'], { exclude: [pattern] })
    assert.is(alert?.level, 'warn', pattern)
    assert.match(alert!.message, `the nearest name is "${near}"`)
  }
})

select('finds nothing odd in leaving out what is not there', () => {
  const [alert, ...more] = alertsOf(['w', 'head.kernel'], { exclude: ['**.bias'] })
  assert.is(more.length, 0)
  assert.equal([alert!.id, alert!.level], ['select/unmatched', 'info'])
})

/** Three tensors, and a stage that looks at groups of them. */
function grouped(groups: Record<string, string[]>, exclude: string[]) {
  const names = ['a.w', 'b.w', 'c.w']
  const summaries: Summary[] = []
  let error: ThalwegError | undefined
  from([
    openFrame(names.map((name) => ({ name, shape: [2] }))),
    delta(
      1,
      names.map(() => bytes([1, 2]))
    ),
  ])
    .pipe(
      analyse(
        { groups, alerts: { 'run/truncated': 'off' } },
        svd({ rank: 1, per: 'group', select: { exclude } })
      )
    )
    .subscribe({
      next: (block) => summaries.push(...block.summaries),
      error: (thrown: ThalwegError) => {
        error = thrown
      },
    })
  const scopes = summaries.filter(({ stage }) => stage === 'svd').map(({ scope }) => scope)
  return { scopes, error, alerts: summaries.flatMap(({ alerts }) => alerts) }
}

select('warns of a group that has nothing in common with it, and does without', () => {
  const { scopes, alerts } = grouped({ one: ['a.**', 'b.**'], other: ['c.**'] }, ['c.**'])
  assert.equal(scopes, ['group:one'])
  assert.equal([alerts[0]!.id, alerts[0]!.level], ['select/empty-group', 'warn'])
  assert.match(alerts[0]!.message, 'stage svd: group:other has no tensor')
  assert.equal(grouped({ one: ['a.**'], other: ['b.**'] }, ['c.**']).alerts, [])
})

select('is refused where no group has anything in common with it', () => {
  const { error } = grouped({ one: ['b.**'], other: ['c.**'] }, ['b.**', 'c.**'])
  assert.is(error?.code, 'E_SELECT')
  assert.match(error!.message, 'no group has a tensor among those that stage svd looks at')
})

select('looks for near names in time that does not grow with their length and number', () => {
  const names = Array.from({ length: 65_536 }, (_, i) => ({ name: `${'x'.repeat(200)}.${i}` }))
  const began = performance.now()
  const { unmatched } = selectTensors(names, { exclude: ['**.bias', 'y'.repeat(200)] }, 'select')
  assert.is(unmatched.length, 2)
  assert.ok(performance.now() - began < 1000)
})

select.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse } from '../../src/analyse.ts'
import type { ThalwegError } from '../../src/error.ts'
import { health } from '../../src/stages/health/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { anchor, delta, openFrame } from './frames.ts'
import { analysed, last, padded, shapes, split, steps, sumOf, watcher } from './watcher.ts'

const selection = suite('steps')

selection('sums every k deltas into one step and keeps positions right', () => {
  const deltas = steps(24)
  const frames = [openFrame(shapes), ...deltas.map((d, i) => delta(i + 1, split(d)))]
  const { seen } = analysed(frames, { select: { every: 3 } })
  assert.equal(seen[0]!.steps, [3, 6, 9, 12])
  assert.equal(seen[0]!.columns[1], padded(sumOf(deltas.slice(3, 6))))
  assert.equal(seen[1]!.positions, padded(sumOf(deltas.slice(0, 12))))
})

selection('sums no delta of before an anchor that goes back with one of after it', () => {
  const deltas = steps(10)
  const frames = [openFrame(shapes), anchor(0, split(new Array(605).fill(1)))]
  for (const [i, d] of deltas.slice(0, 5).entries()) frames.push(delta(i + 1, split(d)))
  frames.push(anchor(3, split(sumOf([new Array(605).fill(1), ...deltas.slice(0, 3)]))))
  for (const [i, d] of deltas.slice(5).entries()) frames.push(delta(i + 4, split(d)))
  const { seen } = analysed(frames, { block: 1, select: { every: 3 } })
  assert.equal(
    seen.map((note) => note.steps),
    [[3], [6]]
  )
  assert.equal(seen[1]!.columns[0], padded(sumOf(deltas.slice(5, 8))))
  assert.equal(seen[1]!.positions, padded(sumOf(deltas.slice(0, 3))))
  assert.equal(seen[1]!.breaks, [true])
})

selection('begins a new sum after one whose step the others have left out', () => {
  const deltas = steps(6)
  const of = (member: number, ...own: number[]): Frame[] =>
    own.map((step) => delta(step, split(deltas[step - 1]!), { member }))
  const zeros = (own: number[]): Frame[] =>
    own.map((step) => delta(step, split(new Array(605).fill(0))))
  // Member 0 records steps 2 and 6, member 1 also step 4.
  const frames = [
    openFrame(shapes, { members: 2 }),
    ...zeros([1, 2, 5, 6]),
    ...of(1, 1, 2, 3, 4, 5, 6),
  ]
  const { seen } = analysed(frames, { block: 2, select: { every: 2 } }, [], 1)
  assert.equal(seen[0]!.steps, [2, 6])
  assert.equal(seen[0]!.columns[1], padded(sumOf(deltas.slice(4, 6))))
  assert.equal(seen[0]!.breaks, [false, true])
})

selection('looks only at the steps and tensors that are selected', () => {
  const deltas = steps(9)
  const frames = [openFrame(shapes), ...deltas.map((d, i) => delta(i + 1, split(d)))]
  const { seen } = analysed(frames, { select: { from: 3, to: 6, include: ['**.bias'] } })
  assert.equal(seen[0]!.steps, [3, 4, 5, 6])
  assert.equal(seen[0]!.columns[0]!.slice(0, 6), [...deltas[2]!.slice(600), 0])
  const { error } = analysed(frames, { select: { include: ['nothing'] } })
  assert.is((error as ThalwegError).code, 'E_SELECT')
  assert.match(
    (error as ThalwegError).message,
    'select: no tensor is left of 2 (a.kernel, a.bias). "nothing" matches no tensor'
  )
})

selection('refuses a pattern that is none', () => {
  const frames = [openFrame(shapes), delta(1, split(steps(1)[0]!))]
  for (const pattern of ['a[', '[z-a]*', 'a{', '**}', 'x{a,b']) {
    const refused = `select.exclude[0]: "${pattern}" is not a glob: brackets and braces in pairs, ranges forwards.`
    assert.throws(() => analysed(frames, { select: { exclude: [pattern] } }), refused)
    assert.throws(() => analyse(health({ select: { exclude: [pattern] } })), `stages[0].${refused}`)
  }
  assert.is(analysed(frames, { select: { exclude: ['**.{x,y}', 'b[a-c]*'] } }).error, undefined)
})

selection('counts stages from the first that is listed', () => {
  assert.throws(
    () => analyse(health({ id: 'h' }), watcher([]), watcher([])),
    'stages[2]: id "watcher" is taken by stages[1]'
  )
  assert.throws(
    () => analyse(watcher([]), watcher([])),
    'stages[1]: id "watcher" is taken by stages[0]'
  )
})

selection('drops a repeated step and refuses one that goes back', () => {
  const [a, b] = steps(2) as [number[], number[]]
  const repeat = [openFrame(shapes), delta(1, split(a)), delta(1, split(b)), delta(2, split(b))]
  const { seen, summaries } = analysed(repeat, {})
  assert.equal(seen[0]!.steps, [1, 2])
  assert.is(last(summaries, 'health').values.duplicates, 1)
  const back = analysed([openFrame(shapes), delta(5, split(a)), delta(3, split(b))], {})
  assert.is((back.error as ThalwegError).code, 'E_STEP')
  assert.is(last(back.summaries, 'run').values.end, 'failed')
  assert.equal(back.seen[0]!.steps, [5], 'what came before the error is still analysed')
})

selection.run()

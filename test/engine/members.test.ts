import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse } from '../../src/analyse.ts'
import type { ThalwegError } from '../../src/error.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame, random, tangent } from './frames.ts'
import {
  analysed,
  last,
  padded,
  type Seen,
  shapes,
  split,
  steps,
  sumOf,
  watcher,
} from './watcher.ts'

const members = suite('members')

members('marks a gap, and is sure again after an anchor', () => {
  const [a, b, c, d] = steps(4) as [number[], number[], number[], number[]]
  const zero = new Array<number>(605).fill(0)
  const at = sumOf([a, b, b, c])
  const frames = [
    openFrame(shapes),
    anchor(0, split(zero)),
    delta(1, split(a), { base: 0 }),
    delta(3, split(b), { base: 2 }),
    delta(4, split(c), { base: 3 }),
    anchor(4, split(at)),
    delta(5, split(d), { base: 4 }),
    ...steps(3, 2).map((x, i) => delta(6 + i, split(x), { base: 5 + i })),
  ]
  const { seen, summaries } = analysed(frames, {})
  assert.equal(seen[0]!.breaks, [false, true, false, true])
  assert.equal(
    seen[0]!.sure,
    [false, false, false, true],
    'a large correction does not hold backwards'
  )
  assert.equal(seen[1]!.positions, padded(sumOf([at, d])))
  const health = last(summaries, 'health').values
  assert.is(health.gaps, 1)
  assert.ok((health.driftAtAnchor as number) > 1e-3)
})

members('keeps w0 from the first anchor, and w0 + position is the weights', () => {
  const start = Array.from({ length: 605 }, (_, i) => 1 + i / 605)
  const deltas = steps(8)
  const weights = sumOf([start.map(Math.fround), ...deltas])
  const frames = [
    openFrame(shapes),
    anchor(0, split(start)),
    ...deltas.map((d, i) => delta(i + 1, split(d))),
  ]
  const { summaries } = analysed(frames, {})
  const norm = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0))
  assert.ok(Math.abs((last(summaries, 'health').values.weightNorm as number) / norm - 1) < 1e-7)
})

members('pairs members by step in any order and separates them from their anchors', () => {
  const zero = steps(8, 1)
  const twin = steps(8, 2)
  const w0 = steps(1, 3)[0]!
  const w1 = w0.map((w, i) => w + i / 4096)
  const open = openFrame(shapes, { members: 2, coupled: true })
  const ordered = [anchor(0, split(w0)), anchor(0, split(w1), { member: 1 })]
  for (let i = 0; i < 8; i++) {
    const pair = [delta(i + 1, split(zero[i]!)), delta(i + 1, split(twin[i]!), { member: 1 })]
    ordered.push(...(i % 3 === 1 ? pair.reverse() : pair))
  }
  const late = [
    ordered[1]!,
    ordered[0]!,
    ...zero.slice(0, 4).map((d, i) => delta(i + 1, split(d))),
    ...twin.slice(0, 4).map((d, i) => delta(i + 1, split(d), { member: 1 })),
    ...twin.slice(4).map((d, i) => delta(i + 5, split(d), { member: 1 })),
    ...zero.slice(4).map((d, i) => delta(i + 5, split(d))),
  ]
  for (const frames of [ordered, late]) {
    const { seen, error } = analysed([open, ...frames], {}, [], 1)
    assert.is(error, undefined)
    const apart = twin.map((row, j) => row.map((value, i) => value - zero[j]![i]!))
    assert.equal(
      seen.flatMap((note) => note.columns),
      apart.map(padded)
    )
    assert.equal(
      seen[0]!.separation,
      padded(w1.map((w, i) => Math.fround(w) - Math.fround(w0[i]!)))
    )
    const before = padded(
      w1.map((w, i) => Math.fround(w) - Math.fround(w0[i]!) + sumOf(apart.slice(0, 4))[i]!)
    )
    assert.equal(seen[1]!.separation, before)
    assert.equal(seen[0]!.sure, [true, true, true, true])
  }
})

members('separates members of summed steps by their anchors, whichever of them is ahead', () => {
  const rows = [steps(8, 1), steps(8, 2)]
  const start = new Array<number>(605).fill(1)
  const at = (member: number, step: number): number[] =>
    sumOf([start, ...rows[member]!.slice(0, step)])
  const of = (member: number, from: number, to: number): Frame[] =>
    rows[member]!.slice(from, to).map((d, i) => delta(from + i + 1, split(d), { member }))
  const before = padded(at(1, 4).map((w, i) => w - at(0, 4)[i]!))
  for (const step of [5, 6]) {
    const anchorOf = (member: number) => anchor(step, split(at(member, step)), { member })
    for (const ahead of [0, 1]) {
      for (const by of [0, 1, 2]) {
        const behind = 1 - ahead
        const frames = [
          openFrame(shapes, { members: 2, coupled: true }),
          ...[0, 1].flatMap((member) => [anchor(0, split(start), { member }), ...of(member, 0, 4)]),
          ...of(ahead, 4, step),
          anchorOf(ahead),
          ...of(ahead, step, step + by),
          ...of(behind, 4, step),
          anchorOf(behind),
          ...of(behind, step, 8),
          ...of(ahead, step + by, 8),
        ]
        const { seen, error } = analysed(frames, { block: 2, select: { every: 2 } }, [], 1)
        assert.is(error, undefined)
        assert.equal(seen[1]!.steps, [6, 8])
        assert.equal(seen[1]!.separation, before, `member ${ahead} ahead by ${by} of step ${step}`)
      }
    }
  }
})

members('takes no separation from an anchor of which another has overwritten a part', () => {
  const rows = [steps(8, 1), steps(8, 2)]
  const at = (member: number, step: number): number[] =>
    sumOf([new Array<number>(605).fill(member + 1), ...rows[member]!.slice(0, step)])
  const anchorOf = (member: number, step: number) =>
    anchor(step, split(at(member, step)), { member })
  const spoilt = split(at(0, 3))
  const unfinished = anchor(3, [spoilt[0]!], { more: true })
  const notFinite = anchor(0, [spoilt[0]!, bytes(new Array(5).fill(Number.NaN))])
  const pairs = (from: number, to: number): Frame[] =>
    rows[0]!
      .slice(from, to)
      .flatMap((_, i) =>
        [0, 1].map((member) => delta(from + i + 1, split(rows[member]![from + i]!), { member }))
      )
  for (const spoiler of [unfinished, notFinite]) {
    const frames = [
      openFrame(shapes, { members: 2, coupled: true }),
      ...[anchorOf(0, 0), spoiler, anchorOf(1, 0), ...pairs(0, 4)],
      ...[anchorOf(0, 4), anchorOf(1, 4), ...pairs(4, 8)],
    ]
    const { seen, error } = analysed(frames, { nonFinite: 'drop' }, [], 1)
    assert.is(error, undefined)
    assert.equal(seen[0]!.sure, [false, false, false, false])
    assert.equal(seen[1]!.sure, [true, true, true, true])
    assert.equal(seen[1]!.separation, padded(at(1, 4).map((w, i) => w - at(0, 4)[i]!)))
  }
})

members(
  'takes a large change of a separation for a new perturbation, a small one for rounding',
  () => {
    const zero = steps(7, 1)
    const twin = steps(7, 2)
    const at = (rows: number[][], step: number): number[] =>
      sumOf([new Array<number>(605).fill(1), ...rows.slice(0, step)])
    const apart = at(twin, 6).map((w, i) => w - at(zero, 6)[i]!)
    const analysedWith = (change: number) => {
      const moved = at(twin, 6).map((w, i) => w + change * apart[i]!)
      const frames: Frame[] = [openFrame(shapes, { members: 2, coupled: true })]
      for (const [member, rows] of [zero, twin].entries()) {
        frames.push(anchor(0, split(at(rows, 0)), { member }))
      }
      for (let step = 1; step <= 7; step++) {
        for (const [member, rows] of [zero, twin].entries()) {
          frames.push(delta(step, split(rows[step - 1]!), { member }))
        }
        if (step === 6) frames.push(anchor(6, split(at(zero, 6))))
        if (step === 6) frames.push(anchor(6, split(moved), { member: 1 }))
      }
      const { seen, summaries, error } = analysed(frames, {}, [], 1)
      assert.is(error, undefined)
      const alerts = summaries.flatMap((summary) => summary.alerts.map((alert) => alert.id))
      return { last: seen.at(-1)!, perturbed: alerts.includes('health/perturbed') }
    }
    for (const change of [0, 0.05]) {
      const { last, perturbed } = analysedWith(change)
      assert.equal(
        [last.breaks, last.sure],
        [
          [false, false, false],
          [true, true, true],
        ]
      )
      assert.not(perturbed)
    }
    const { last, perturbed } = analysedWith(0.2)
    assert.equal(last.breaks, [false, false, true])
    assert.equal(last.sure, [false, false, true], 'what was recorded before holds no longer')
    assert.ok(perturbed)
  }
)

members('takes the parts of members in any order, also while a block ends between them', () => {
  const values = [steps(3, 12), steps(3, 13)]
  const seenIn = (order: readonly (readonly [step: number, member: number])[]): Seen[] => {
    const frames = order.map(([step, member], i) => {
      const more = !order.slice(0, i).some((at) => at[0] === step && at[1] === member)
      const [kernel, bias] = split(values[member]![step - 1]!)
      return delta(step, [more ? kernel! : bias!], { member, more, at: more ? 0 : 1 })
    })
    return analysed([openFrame(shapes, { members: 2 }), ...frames], { block: 2 }, [], 1).seen
  }
  const inOrder = [1, 2, 3].flatMap((step) => [0, 0, 1, 1].map((m) => [step, m] as const))
  const ahead = [...[1, 1, 2, 2, 3].map((step) => [step, 1] as const), [2, 0], [2, 0]] as const
  const woven = [[1, 0], [1, 0], ...ahead, [3, 1], [3, 0], [3, 0]] as const
  assert.equal(seenIn(woven), seenIn(inOrder))
})

members('refuses a member that falls more than a block behind', () => {
  const frames = steps(9).map((d, i) => delta(i + 1, split(d)))
  const { error } = analysed([openFrame(shapes, { members: 2 }), ...frames], {}, [], 1)
  assert.is((error as ThalwegError).code, 'E_SKEW')
  assert.match((error as Error).message, 'member 1')
})

members('takes no anchor after the selected steps for drift', () => {
  const deltas = steps(12)
  const frames = [
    openFrame(shapes),
    anchor(0, split(new Array<number>(605).fill(0))),
    ...deltas.flatMap((d, i) => [
      delta(i + 1, split(d)),
      ...(i === 8 ? [anchor(9, split(sumOf(deltas.slice(0, 9))))] : []),
    ]),
  ]
  const { summaries } = analysed(frames, { select: { to: 5 } })
  assert.equal(
    summaries.flatMap(({ alerts }) => alerts.map(({ id }) => id)),
    ['run/truncated']
  )
  const { driftAtAnchor, weightNorm } = last(summaries, 'health').values
  assert.ok(Number.isNaN(driftAtAnchor))
  const norm = Math.sqrt(sumOf(deltas.slice(0, 5)).reduce((sum, w) => sum + w * w, 0))
  assert.ok(Math.abs((weightNorm as number) / norm - 1) < 1e-7)
})

members('take the tangents of a step while the block before it still waits for a member', () => {
  const next = random(7)
  const drawn = Array.from({ length: 11 }, () =>
    Array.from({ length: 4 }, () => split(Array.from({ length: 605 }, next)))
  )
  const valuesOf = (isAhead: boolean): unknown[] => {
    const frames: Frame[] = [openFrame(shapes, { members: 2, coupled: true })]
    const tangents = (step: number) =>
      [0, 1].map((index) => tangent(step, index, drawn[step - 1]![index]!, { logScale: step }))
    frames.push(...tangents(1))
    for (let step = 1; step <= 11; step++) {
      const [, , own, twin] = drawn[step - 1]!
      const coming = step < 11 ? tangents(step + 1) : []
      const late = delta(step, twin!, { member: 1 })
      frames.push(delta(step, own!), ...(isAhead ? [...coming, late] : [late, ...coming]))
    }
    const values: unknown[] = []
    const stage = ftle({ method: 'tangent', tangents: 2 })
    from([...frames, close(frames.length - 1)])
      .pipe(analyse({ block: 4 }, stage, watcher([], 1)))
      .subscribe(({ summaries }) => values.push(last(summaries, 'ftle').values))
    return values
  }
  const expected = valuesOf(false)
  assert.equal((expected.at(-1) as { window: unknown }).window, [1, 11])
  assert.equal(valuesOf(true), expected)
})

members('take separations that anchors change by less than their own rounding for the same', () => {
  const start = new Array<number>(605).fill(1)
  const moves = steps(7, 1).map((row) => row.map((value) => value / 64))
  const apart = start.map((_, i) => (i % 2 === 0 ? 2 ** -20 : -(2 ** -20)))
  const alertsWith = (change: number): string[] => {
    const frames: Frame[] = [openFrame(shapes, { members: 2, coupled: true })]
    const anchors = (step: number, share: number) => {
      const at = sumOf([start, ...moves.slice(0, step)])
      const moved = at.map((w, i) => w + share * apart[i]!)
      frames.push(anchor(step, split(at)), anchor(step, split(moved), { member: 1 }))
    }
    anchors(0, 1)
    for (let step = 1; step <= 7; step++) {
      for (const member of [0, 1]) frames.push(delta(step, split(moves[step - 1]!), { member }))
      if (step === 6) anchors(6, 1 + change)
    }
    const { summaries, error } = analysed(frames, {}, [], 1)
    assert.is(error, undefined)
    const ids = summaries.flatMap((summary) => summary.alerts.map(({ id }) => id))
    return ids.filter((id) => id.startsWith('health/'))
  }
  // A unit in the last place of a weight of 1 is 2^-24, a sixteenth of the separation: ten of them are less than it.
  assert.equal(alertsWith(0.5), [])
  assert.ok(alertsWith(2).includes('health/perturbed'))
})

members.run()

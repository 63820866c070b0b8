import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { AnalysedBlock, Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import { sumsBytes, TileSums } from '../../src/kernels/sums.ts'
import { scalar } from '../../src/spec/figures.ts'
import type { Block } from '../../src/stage/block.ts'
import { defineStage } from '../../src/stage/define.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame, random } from './frames.ts'

const run = suite('a run')

interface Seen {
  steps: readonly number[]
  present: boolean[]
  breaks: boolean[]
  sure: boolean[]
  columns: number[][]
  positions: number[]
  separation: number[]
  commit: boolean
}

/** A stage of one's own in TypeScript: notes what it is shown and sums the squares of the columns. */
function watcher(seen: Seen[], member = 0) {
  return defineStage({
    type: 'watcher',
    summary: 'Notes what it is shown.',
    asks: 'What is there?',
    options: {},
    figures: { energy: scalar({ title: 'Energy', means: 'All squares.' }) },
    says: () => [],
    needs: () => ({ members: member > 0 ? [0, member] : [0], separations: member > 0 }),
    plan: ({ scope }) => ({ header: 8, perTile: 0, scratch: sumsBytes(scope.tiles, 2) }),
    start: ({ arena, scope, scratch, header, shape }) => ({
      *step(block: Block, mode) {
        const own = block.of(member)
        const sums = new TileSums(arena, scratch, scope, 2)
        const read = (address: number, rows: number): number[] =>
          Array.from(shape.elementBytes === 8 ? arena.f64(address, rows) : arena.f32(address, rows))
        const note: Seen = {
          steps: block.steps,
          present: own.marks.map((mark) => mark.present),
          breaks: own.marks.map((mark) => mark.breaks),
          sure: own.marks.map((mark) => mark.sure),
          columns: own.marks.map(() => []),
          positions: [],
          separation: [],
          commit: mode.commit,
        }
        for (const { tile, tiles, index } of scope.segments) {
          const rows = tiles * tileRows
          const row = tile * tileRows
          own.marks.forEach((_, j) => {
            const address = own.pointer + j * own.stride + row * own.elementBytes
            note.columns[j]!.push(...read(address, rows))
          })
          const high = arena.f32(block.positions.high + row * 4, rows)
          const low = arena.f32(block.positions.low + row * 4, rows)
          note.positions.push(...Array.from(high, (value, i) => value + low[i]!))
          if (own.separation) note.separation.push(...arena.f64(own.separation + row * 8, rows))
          for (let t = 0; t < tiles; t++) {
            const slot = sums.slot()
            own.marks.forEach((_, j) => {
              const first = own.pointer + j * own.stride + (tile + t) * tileRows * own.elementBytes
              for (const value of read(first, tileRows)) slot[1]! += value * value
            })
            sums.push(index + t)
          }
        }
        const { add } = yield { add: sums.partial(scope.to) }
        if (note.columns.length > 0 || !mode.commit) seen.push(note)
        const total = arena.f64(header, 1)
        total[0]! += add[1]!
        return { values: { energy: total[0]! } }
      },
    }),
  })()
}

function analysed(frames: Frame[], options: AnalyseOptions, seen: Seen[] = [], member = 0) {
  const blocks: AnalysedBlock[] = []
  let error: unknown
  from(frames)
    .pipe(analyse({ block: 4, ...options }, watcher(seen, member)))
    .subscribe({ next: (block) => blocks.push(block), error: (e: unknown) => (error = e) })
  const summaries = blocks.flatMap((block) => block.summaries)
  return { blocks, summaries, error, seen }
}

const last = (summaries: readonly Summary[], stage: string): Summary =>
  summaries.filter((summary) => summary.stage === stage).at(-1)!

const shapes = [
  { name: 'a.kernel', shape: [30, 20] },
  { name: 'a.bias', shape: [5] },
]

/** Deltas of 605 elements, exactly representable so that sums are exact. */
function steps(count: number, seed = 1): number[][] {
  const next = random(seed)
  return Array.from({ length: count }, () =>
    Array.from({ length: 605 }, () => Math.round(next() * 1024) / 1024)
  )
}
const split = (values: number[]): Uint8Array[] => [
  bytes(values.slice(0, 600)),
  bytes(values.slice(600)),
]
const padded = (values: number[]): number[] => {
  const out = new Array<number>(4 * tileRows).fill(0)
  values.forEach((value, i) => {
    out[i < 600 ? i : 3 * tileRows + i - 600] = value
  })
  return out
}
const sumOf = (rows: number[][]): number[] =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0))

run('shows a stage each delta once, in blocks, with the positions before it', () => {
  const deltas = steps(10)
  const frames = [openFrame(shapes), ...deltas.map((d, i) => delta(i + 1, split(d))), close(10)]
  const { seen, blocks, summaries } = analysed(frames, {})
  assert.equal(
    seen.map((note) => note.steps),
    [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10],
    ]
  )
  assert.equal(
    seen.map((note) => note.commit),
    [true, true, false]
  )
  assert.equal(
    seen.flatMap((note) => note.columns),
    deltas.map(padded)
  )
  assert.equal(seen[1]!.positions, padded(sumOf(deltas.slice(0, 4))))
  assert.equal(seen[2]!.positions, padded(sumOf(deltas.slice(0, 8))))
  assert.is(blocks.at(-1)!.final, true)
  assert.is(last(summaries, 'run').values.end, 'closed')
  const energy = deltas.flat().reduce((sum, value) => sum + value * value, 0)
  assert.ok(Math.abs((last(summaries, 'watcher').values.energy as number) / energy - 1) < 1e-14)
})

run('shows the columns of a block while it is emitted', () => {
  const deltas = steps(6)
  const frames = [openFrame(shapes), ...deltas.map((d, i) => delta(i + 1, split(d))), close(6)]
  for (const shards of [1, 3]) {
    const shown: number[][] = []
    from(frames)
      .pipe(analyse({ block: 4, shards }))
      .subscribe((block) => {
        for (const column of block.columns) {
          const pieces = ['a.kernel', 'a.bias'].flatMap((name) => column.tensor(name))
          shown.push(pieces.flatMap((piece) => Array.from(piece)))
        }
      })
    assert.equal(shown, deltas)
  }
})

run('gives the same summaries for any number of shards', () => {
  const frames = [
    openFrame([{ name: 'big', shape: [40, 50] }, ...shapes]),
    ...steps(9).map((d, i) =>
      delta(i + 1, [bytes(new Array(2000).fill(d[0]! / 3)), ...split(d.map((x) => x / 3))])
    ),
    close(9),
  ]
  const figures = [1, 2, 3, 4, 8].map((shards) =>
    analysed(frames, { shards })
      .summaries.filter((s) => s.type !== 'run')
      .map((s) => s.values)
  )
  for (const other of figures.slice(1)) assert.equal(other, figures[0])
})

run('puts together the parts of a step, ranges, sparse patches and unchanged tensors', () => {
  const dense = new Float32Array(600).fill(1)
  const sparse = { i: new Uint8Array(Uint32Array.from([1, 4]).buffer), v: bytes([7, 8]) }
  const frames = [
    openFrame(shapes),
    delta(1, [{ o: 0, b: bytes(dense.subarray(0, 100)) }], { more: true }),
    delta(1, [{ o: 200, b: bytes(dense.subarray(200)) }, sparse]),
    delta(2, [null, bytes([1, 2, 3, 4, 5])]),
  ]
  const { seen } = analysed(frames, {})
  const expected = Array.from({ length: 600 }, (_, i) => (i >= 100 && i < 200 ? 0 : 1))
  assert.equal(seen[0]!.columns[0], padded([...expected, 0, 7, 0, 0, 8]))
  assert.equal(seen[0]!.columns[1], padded([...new Array<number>(600).fill(0), 1, 2, 3, 4, 5]))
})

run('takes a sparse patch wherever its rows lie, in one of many shards', () => {
  const rows = 256 * tileRows
  const patch = { i: new Uint8Array(Uint32Array.of(3).buffer), v: bytes([2]) }
  const frames = [
    openFrame([
      { name: 'a', shape: [rows] },
      { name: 'b', shape: [300] },
    ]),
    delta(1, [null, patch]),
    close(1),
  ]
  for (const shards of [1, 8, 256]) {
    const summaries: Summary[] = []
    from(frames)
      .pipe(analyse({ block: 1, shards }))
      .subscribe((block) => summaries.push(...block.summaries))
    assert.is(last(summaries, 'health').values.updateNorm, 2)
  }
})

run('discards an unfinished step', () => {
  const [a, b] = steps(2) as [number[], number[]]
  const frames = [
    openFrame(shapes),
    delta(1, split(a)),
    delta(2, split(b).slice(0, 1), { more: true }),
  ]
  const { seen, summaries } = analysed(frames, {})
  assert.equal(seen[0]!.steps, [1])
  assert.is(last(summaries, 'run').values.end, 'truncated')
  assert.is(last(summaries, 'run').alerts[0]!.id, 'run/truncated')
})

run('widens f16, bf16 and rounds f64', () => {
  const open = openFrame([{ name: 'w', shape: [3] }])
  const half = new Uint8Array(Uint16Array.from([0x3c00, 0xc000, 0x0001]).buffer)
  const brain = new Uint8Array(Uint16Array.from([0x3f80, 0xc000, 0x0001]).buffer)
  const frames = [
    open,
    delta(1, [half], { dtype: 'f16' }),
    delta(2, [brain], { dtype: 'bf16' }),
    delta(3, [bytes([1 / 3, 2, 3], 'f64')], { dtype: 'f64' }),
  ]
  const { seen } = analysed(frames, {})
  assert.equal(seen[0]!.columns[0]!.slice(0, 3), [1, -2, 2 ** -24])
  assert.equal(seen[0]!.columns[1]!.slice(0, 3), [1, -2, Math.fround(2 ** -133)])
  assert.equal(seen[0]!.columns[2]!.slice(0, 3), [Math.fround(1 / 3), 2, 3])
})

run('sums every k deltas into one step and keeps positions right', () => {
  const deltas = steps(24)
  const frames = [openFrame(shapes), ...deltas.map((d, i) => delta(i + 1, split(d)))]
  const { seen } = analysed(frames, { select: { every: 3 } })
  assert.equal(seen[0]!.steps, [3, 6, 9, 12])
  assert.equal(seen[0]!.columns[1], padded(sumOf(deltas.slice(3, 6))))
  assert.equal(seen[1]!.positions, padded(sumOf(deltas.slice(0, 12))))
})

run('sums no delta of before an anchor that goes back with one of after it', () => {
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

run('begins a new sum after one whose step the others have left out', () => {
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

run('looks only at the steps and tensors that are selected', () => {
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

run('refuses a pattern that is none', () => {
  const frames = [openFrame(shapes), delta(1, split(steps(1)[0]!))]
  for (const pattern of ['a[', '[z-a]*', 'a{', '**}', 'x{a,b']) {
    const refused = `select.exclude[0]: "${pattern}" is not a glob: brackets and braces in pairs, ranges forwards.`
    assert.throws(() => analysed(frames, { select: { exclude: [pattern] } }), refused)
    assert.throws(() => analyse(health({ select: { exclude: [pattern] } })), `stages[0].${refused}`)
  }
  assert.is(analysed(frames, { select: { exclude: ['**.{x,y}', 'b[a-c]*'] } }).error, undefined)
})

run('counts stages from the first that is listed', () => {
  assert.throws(
    () => analyse(health({ id: 'h' }), watcher([]), watcher([])),
    'stages[2]: id "watcher" is taken by stages[1]'
  )
  assert.throws(
    () => analyse(watcher([]), watcher([])),
    'stages[1]: id "watcher" is taken by stages[0]'
  )
})

run('drops a repeated step and refuses one that goes back', () => {
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

run('marks a gap, and is sure again after an anchor', () => {
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

run('keeps w0 from the first anchor, and w0 + position is the weights', () => {
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

run('pairs members by step in any order and separates them from their anchors', () => {
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

run('separates members of summed steps by their anchors, whichever of them is ahead', () => {
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

run('takes no separation from an anchor of which another has overwritten a part', () => {
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

run('takes a large change of a separation for a new perturbation, a small one for rounding', () => {
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
})

run('takes the parts of members in any order, also while a block ends between them', () => {
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

run('refuses a member that falls more than a block behind', () => {
  const frames = steps(9).map((d, i) => delta(i + 1, split(d)))
  const { error } = analysed([openFrame(shapes, { members: 2 }), ...frames], {}, [], 1)
  assert.is((error as ThalwegError).code, 'E_SKEW')
  assert.match((error as Error).message, 'member 1')
})

run('takes no anchor after the selected steps for drift', () => {
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

run('ends at a NaN of member 0, drops the step on request, and closes another member', () => {
  const [a, b] = steps(2) as [number[], number[]]
  const bad = a.map((value, i) => (i === 603 ? Number.NaN : value))
  const frames = [
    openFrame(shapes),
    delta(1, split(a)),
    delta(2, split(bad)),
    delta(3, split(b), { base: 2 }),
  ]
  const ended = analysed(frames, {})
  assert.is((ended.error as ThalwegError).code, 'E_NONFINITE')
  assert.match((ended.error as Error).message, 'a.bias')
  assert.equal(ended.seen[0]!.steps, [1])
  const dropped = analysed(frames, { nonFinite: 'drop' })
  assert.is(dropped.error, undefined)
  assert.equal(dropped.seen[0]!.steps, [1, 3])
  assert.equal(dropped.seen[0]!.sure, [true, false])
  const twin = analysed(
    [
      openFrame(shapes, { members: 2 }),
      ...[1, 2, 3, 4, 5].flatMap((s) => [
        delta(s, split(a)),
        delta(s, split(s === 3 ? bad : b), { member: 1 }),
      ]),
    ],
    {},
    [],
    1
  )
  assert.is(twin.error, undefined)
  assert.equal(twin.seen[0]!.present, [true, true, false, false])
})

run('refuses a plan that does not fit and proposes two that would', () => {
  const open = openFrame([
    { name: 'large', shape: [4000, 1000] },
    { name: 'small', shape: [100] },
  ])
  const { error } = analysed([open], { block: 64, memory: { max: 2 ** 20 } })
  assert.is((error as ThalwegError).code, 'E_MEMORY')
  assert.match((error as Error).message, 'exclude')
})

run('proposes settings that fit as they stand, whatever else was selected', () => {
  const open = openFrame([
    { name: 'a.kernel', shape: [300, 100] },
    { name: 'b.kernel', shape: [300, 100] },
    { name: 'embedding', shape: [4000, 1000] },
  ])
  const memory = { max: 2 ** 21 }
  const select = { include: ['*.kernel'], every: 2 }
  const { message } = analysed([open], { memory, select }).error as ThalwegError
  const proposals = message.match(/^ {2}\{.*\}/gm)!.map((text) => JSON.parse(text))
  assert.equal(proposals[0], { select: { ...select, exclude: ['a.kernel'] } })
  for (const proposal of proposals) {
    assert.is(analysed([open], { memory, select, ...proposal }).error, undefined)
  }
})

run('proposes two settings that fit, for many small tensors or a single large one', () => {
  const many = openFrame(Array.from({ length: 500 }, (_, i) => ({ name: `t${i}`, shape: [2048] })))
  const one = openFrame([{ name: 'w', shape: [4000, 1000] }])
  const runs: [Frame, (options: AnalyseOptions) => ReturnType<typeof analyse>][] = [
    [many, (options) => analyse(options, svd({ rank: 4, tier: 'basis', per: 'tensor' }))],
    [one, (options) => analyse(options, health())],
  ]
  for (const [open, analysis] of runs) {
    const refusal = (options: AnalyseOptions): string => {
      let message = ''
      from([open])
        .pipe(analysis(options))
        .subscribe({ error: (error: Error) => (message = error.message) })
      return message
    }
    const memory = { max: 2 ** 23 }
    const proposals = refusal({ memory }).match(/^ {2}\{.*\}/gm)!
    assert.is(proposals.length, 2)
    for (const proposal of proposals) {
      const { stages: _, ...options } = JSON.parse(proposal)
      assert.is(refusal({ memory, ...options }), '')
    }
  }
})

run('refuses a plan that is too large for one memory and proposes more of them', () => {
  const open = openFrame([{ name: 'large', shape: [60_000_000] }])
  const refused = (options: AnalyseOptions) =>
    String(analysed([open], { block: 16, ...options }).error)
  const limit = 2 ** 32 - 2 ** 16 - 64
  const large = refused({ memory: { max: 8e9 } })
  assert.match(large, /E_MEMORY/)
  assert.match(large, `one memory holds ${limit}. These would fit:\n  {"shards":2}`)
  const both = refused({ memory: { max: 1e9 } })
  const [max, shards] = /"max":(\d+)},"shards":(\d+)/.exec(both)!.slice(1).map(Number)
  assert.is(shards, 2)
  assert.ok(max! > limit && max! < 2 * limit)
})

run('refuses two stages of one name and a stage that reads none', () => {
  assert.throws(() => analyse(health(), health()), 'id "health" is taken')
  assert.throws(() => analyse(health({ on: 'nope' })), 'no stage is called "nope"')
})

run('reports the last metrics and any that is not finite', () => {
  const deltas = steps(5)
  const frames = [
    openFrame(shapes),
    ...deltas.map((d, i) =>
      delta(i + 1, split(d), { epoch: 2, metrics: { loss: i === 2 ? Number.NaN : i } })
    ),
  ]
  const { summaries } = analysed(frames, {})
  const lines = summaries.filter((summary) => summary.stage === 'metrics')
  assert.equal(
    lines.map((line) => line.step),
    [3, 4, 5]
  )
  assert.match(lines[0]!.values.why as string, 'loss is NaN')
  assert.is(lines.at(-1)!.values.loss, 4)
  assert.is(lines.at(-1)!.epoch, 2)
})

run.run()

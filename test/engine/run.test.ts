import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { health } from '../../src/stages/health/index.ts'
import { bytes, close, delta, openFrame } from './frames.ts'
import { analysed, last, padded, shapes, split, steps, sumOf } from './watcher.ts'

const run = suite('a run')

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

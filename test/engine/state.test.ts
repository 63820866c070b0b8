import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { build } from '../../src/build.gen.ts'
import { Run } from '../../src/engine/run/run.ts'
import type { Settings } from '../../src/engine/settings/settings.ts'
import { Seal } from '../../src/engine/state/crc32.ts'
import { HeaderReader, packHeader } from '../../src/engine/state/header.ts'
import { StateLoader } from '../../src/engine/state/load.ts'
import { stateBytes } from '../../src/engine/state/pieces.ts'
import { saveState } from '../../src/engine/state/save.ts'
import { type AnalysedBlock, summaryLine } from '../../src/engine/summary.ts'
import { ThalwegError } from '../../src/error.ts'
import { sumsBytes, TileSums } from '../../src/kernels/sums.ts'
import { scalar } from '../../src/spec/figures.ts'
import { defineStage, type StageValue } from '../../src/stage/define.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import { health } from '../../src/stages/health/index.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { anchor, bytes, close, delta, metrics, openFrame, random, tangent } from './frames.ts'

const state = suite("a run's state")

/** Keeps a running sum of squares in its header, and one of each row's steps. */
const energy = defineStage({
  type: 'energy',
  summary: 'Sums squares.',
  asks: 'How much?',
  options: {},
  figures: {
    energy: scalar({ title: 'Energy', means: 'All squares.', null: 'energyNull' }),
    energyNull: scalar({ title: 'Energy of the null', means: 'The same of a walk.' }),
  },
  says: () => [],
  needs: () => ({ null: true, members: [0, 1], separations: true }),
  plan: ({ scope }) => ({ header: 8, perTile: tileRows * 8, scratch: sumsBytes(scope.tiles, 2) }),
  start: ({ arena, scope, scratch, header, rows }) => ({
    *step(block, mode) {
      const sums = new TileSums(arena, scratch, scope, 2)
      const own = block.of(0)
      for (const { tile, tiles, index } of scope.segments) {
        for (let t = 0; t < tiles; t++) {
          const slot = sums.slot()
          const row = arena.f64(rows + (index + t - scope.from) * tileRows * 8, tileRows)
          for (let j = 0; j < block.length; j++) {
            const x = arena.f32(own.pointer + j * own.stride + (tile + t) * tileRows * 4, tileRows)
            for (let r = 0; r < tileRows; r++) {
              slot[1]! += x[r]! * x[r]! + row[r]!
              if (mode.commit) row[r]! += x[r]! / 3
            }
          }
          sums.push(index + t)
        }
      }
      const { add } = yield { add: sums.partial(scope.to) }
      const total = arena.f64(header, 1)
      total[0]! += add[1]!
      return { values: { energy: total[0]!, energyNull: mode.null?.energy ?? Number.NaN } }
    },
  }),
})

const settings = (more: object = {}): Settings =>
  settingsOf(
    { block: 4, shards: 2, ...more },
    health(),
    energy(),
    ftle({ method: 'tangent', tangents: 2 })
  )

const open = openFrame([{ name: 'w', shape: [700] }], { members: 2, coupled: true })
const next = random(3)
const values = (): Uint8Array => bytes(Array.from({ length: 700 }, next))
const parts = (v: Uint8Array) =>
  [
    { o: 0, b: v.subarray(0, 400) },
    { o: 100, b: v.subarray(400) },
  ] as const

/** Two members, tangents, parts, anchors and a gap, so that a cut can fall anywhere. */
const frames: Frame[] = []
for (const member of [0, 1]) frames.push(anchor(0, [values()], { member }))
for (let s = 1; s <= 11; s++) {
  const [first, second] = parts(values())
  frames.push(tangent(s, 0, [first], { reset: [2, 1, 0, s], more: true }), tangent(s, 0, [second]))
  frames.push(tangent(s, 1, [values()], { logScale: s / 3 }))
  for (const member of [0, 1]) {
    const [first, second] = parts(values())
    frames.push(delta(s, [first], { member, base: s === 7 ? 5 : s - 1, more: true }))
    frames.push(delta(s, [second], { member, metrics: { loss: s === 4 ? Number.NaN : 1 / s } }))
  }
  if (s === 8) frames.push(anchor(8, [values()]), anchor(8, [values()], { member: 1 }))
}
frames.push(close(frames.length))
/** Frames of a step without an anchor. */
const perStep = 7

type Later = Exclude<Frame, OpenFrame>

function collect() {
  const blocks: AnalysedBlock[] = []
  return { blocks, emit: (block: AnalysedBlock) => blocks.push(block) }
}
const lines = (blocks: AnalysedBlock[]): string[] =>
  blocks.flatMap((block) => block.summaries.map(summaryLine))

function saved(run: Run): Uint8Array[] {
  return Array.from(saveState(run), (chunk) => chunk.slice())
}

state(
  'saved between any two frames and loaded goes on as if nothing had happened, to the bit',
  () => {
    const whole = collect()
    const uninterrupted = new Run(open, settings(), whole.emit)
    for (const frame of frames) uninterrupted.push(frame as Later)
    uninterrupted.end()
    for (let cut = 0; cut <= frames.length; cut++) {
      const pieces = collect()
      let run = new Run(open, settings(), pieces.emit)
      for (const frame of frames.slice(0, cut)) run.push(frame as Later)
      const loader = new StateLoader(settings(), pieces.emit)
      for (const chunk of saved(run)) loader.push(chunk)
      run = loader.finish()
      for (const frame of frames.slice(cut)) run.push(frame as Later)
      run.end()
      assert.equal(lines(pieces.blocks), lines(whole.blocks), `cut before frame ${cut}`)
    }
  }
)

/** Lines of a run of one stage, saved and loaded before a frame if asked to. */
function linesOf(stage: StageValue, names: readonly string[], cut?: number): string[] {
  const own = settingsOf({ block: 4, shards: 2 }, stage)
  const { blocks, emit } = collect()
  const draw = random(5)
  const each = () => names.map(() => bytes(Array.from({ length: 700 }, draw)))
  const opened = openFrame(
    names.map((name) => ({ name, shape: [700] })),
    { members: 2 }
  )
  let run = new Run(opened, own, emit)
  for (let s = 1; s <= 11; s++) {
    for (const member of [0, 1]) run.push(delta(s, each(), { member }) as Later)
    if (s !== cut) continue
    const loader = new StateLoader(own, emit)
    for (const chunk of saved(run)) loader.push(chunk)
    run = loader.finish()
  }
  run.end()
  return lines(blocks)
}

state('holds a stage whatever its id', () => {
  for (const id of ['energy', 'columns', 'tangents', 'null', 'anchor']) {
    for (const cut of [4, 6]) {
      assert.equal(linesOf(energy({ id }), ['w'], cut), linesOf(energy({ id }), ['w']), id)
    }
  }
})

state('holds a tensor, and the null of another, whatever their names', () => {
  const stage = energy({ per: 'tensor' })
  const plain = linesOf(stage, ['x', 'x/y'])
  for (const name of ['x/null', 'null/x', 'null/tensor:x', 'header']) {
    const renamed = linesOf(stage, ['x', name]).map((line) =>
      line.replaceAll(`"tensor:${name}"`, '"tensor:x/y"')
    )
    assert.equal(renamed, plain, name)
  }
})

state('skips and counts the steps that it has seen', () => {
  const { blocks, emit } = collect()
  let run = new Run(open, settings(), emit)
  for (const frame of frames.slice(0, 2 + 2 * perStep + 5)) run.push(frame as Later)
  const loader = new StateLoader(settings(), emit, 'earlier')
  for (const chunk of saved(run)) loader.push(chunk)
  run = loader.finish()
  for (const frame of frames.slice(2)) run.push(frame as Later)
  run.end()
  const whole = collect()
  const uninterrupted = new Run(open, settings(), whole.emit)
  for (const frame of frames) uninterrupted.push(frame as Later)
  uninterrupted.end()
  const energies = (from: AnalysedBlock[]) =>
    from.at(-1)!.summaries.find((summary) => summary.stage === 'energy')!.values
  assert.equal(energies(blocks), energies(whole.blocks))
})

state('takes an anchor that is sent again as seen, any other as word of a restart', () => {
  const run = new Run(open, settings(), () => {})
  for (const frame of frames.slice(0, 2 + 4 * perStep)) run.push(frame as Later)
  const chunks = saved(run)
  const resumed = (later: readonly Frame[]): AnalysedBlock[] => {
    const { blocks, emit } = collect()
    const loader = new StateLoader(settings(), emit, 'earlier')
    for (const chunk of chunks) loader.push(chunk)
    const joined = loader.finish()
    for (const frame of later) joined.push(frame as Later)
    joined.end()
    return blocks
  }
  const recorded = (blocks: AnalysedBlock[]) => blocks.at(-1)!.summaries.at(-1)!.values.recorded
  assert.is(recorded(resumed(frames)), 11)
  const restarted = [anchor(3, [values()]), anchor(3, [values()], { member: 1 })]
  for (const member of [0, 1]) restarted.push(delta(4, [values()], { member }))
  assert.is(recorded(resumed(restarted)), 5)
  const figures = [0, 1].map((member) => metrics(3, { loss: 1 }, member))
  assert.is(recorded(resumed([...figures, ...restarted])), 5)
})

state('holds no column between blocks, and what its host keeps', () => {
  const run = new Run(open, settings(), () => {})
  const size = () => saved(run).reduce((sum, chunk) => sum + chunk.length, 0)
  for (const frame of frames.slice(0, 2 + 4 * perStep)) run.push(frame as Later)
  const between = size()
  for (const frame of frames.slice(2 + 4 * perStep, 2 + 5 * perStep)) run.push(frame as Later)
  assert.ok(size() - between > 2 * 3 * tileRows * 4)
  assert.ok(between < stateBytes(run.plan) - 2 * 8 * 3 * tileRows * 4 + 8192)
  const loader = new StateLoader(settings(), () => {})
  for (const chunk of saveState(run, { sinks: [12] })) loader.push(chunk)
  loader.finish()
  assert.equal(loader.host, { sinks: [12] })
})

state('of other settings is refused where they first differ', () => {
  const run = new Run(open, settings(), () => {})
  const under = (change: Partial<Settings>): string => {
    const loader = new StateLoader({ ...settings(), ...change }, () => {})
    try {
      for (const chunk of saved(run)) loader.push(chunk)
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  const of = (text: string): string =>
    `the state is refused: it was saved under other settings: ${text}. Start a new run, or load a state that fits this one. [E_STATE]`
  const { block, stages } = settings()
  assert.is(under({ block: 2 * block }), of(`block is ${block}, expected ${2 * block}`))
  const [first, ...rest] = stages
  const other = [{ ...first!, id: 'mine' }, ...rest]
  assert.is(under({ stages: other }), of('stages[0].id is "health", expected "mine"'))
  const groups = { a: ['**'] }
  assert.is(under({ groups }), of('groups.a is not set, expected ["**"]'))
  const select = { ...settings().select, exclude: ['b'] }
  assert.is(under({ select }), of('select.exclude[0] is not set, expected "b"'))
})

state('of another build goes on, and the run says whose it was', () => {
  const run = new Run(open, settings(), () => {})
  for (const frame of frames.slice(0, 9)) run.push(frame as Later)
  const [first, ...rest] = saved(run)
  const seal = new Seal()
  const { header } = new HeaderReader().push(first!)!
  const older = [seal.over(packHeader({ ...header, build: '0.0.1+older' })), ...rest.slice(0, -1)]
  for (const chunk of rest.slice(0, -1)) seal.over(chunk)
  const { blocks, emit } = collect()
  const loader = new StateLoader(settings(), emit)
  for (const chunk of [...older, seal.end()]) loader.push(chunk)
  const resumed = loader.finish()
  for (const frame of frames.slice(9)) resumed.push(frame as Later)
  resumed.end()
  const own = blocks
    .flatMap((block) => block.summaries.flatMap(({ alerts }) => alerts))
    .filter(({ id }) => id === 'run/other-build')
  assert.is(own.length, 1)
  assert.match(own[0]!.message, `saved by build 0.0.1+older, this is ${build}`)
})

state('is refused when it is foreign, cut off, damaged or of other settings', () => {
  const run = new Run(open, settings(), () => {})
  for (const frame of frames.slice(0, 9)) run.push(frame as Later)
  const chunks = saved(run)
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  const load = (state: Uint8Array, under = settings()): unknown => {
    try {
      const loader = new StateLoader(under, () => {})
      for (let i = 0; i < state.length; i += 1000) loader.push(state.subarray(i, i + 1000))
      return loader.finish()
    } catch (error) {
      assert.instance(error, ThalwegError)
      return (error as ThalwegError).code
    }
  }
  assert.instance(load(all), Run)
  assert.is(load(new TextEncoder().encode('not a state at all')), 'E_STATE')
  assert.is(load(all.subarray(0, all.length - 1)), 'E_STATE')
  assert.is(load(all.subarray(0, 8)), 'E_STATE')
  const longer = new Uint8Array(all.length + 1)
  longer.set(all)
  assert.is(load(longer), 'E_STATE')
  assert.is(load(Uint8Array.of(...all.subarray(0, 1000), ...all.subarray(0, 1))), 'E_STATE')
  for (const place of [5, 40, all.length >> 1, all.length - 2]) {
    const damaged = all.slice()
    damaged[place]! ^= 4
    assert.is(load(damaged), 'E_STATE', `byte ${place}`)
  }
  assert.is(load(all, settings({ block: 8 })), 'E_STATE')
  assert.is(load(all, settings({ seed: 1 })), 'E_STATE')
})

state.run()

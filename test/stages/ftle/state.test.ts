import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../../src/analyse.ts'
import { Run } from '../../../src/engine/run/run.ts'
import type { Settings } from '../../../src/engine/settings/settings.ts'
import { StateLoader } from '../../../src/engine/state/load.ts'
import { saveState } from '../../../src/engine/state/save.ts'
import { type AnalysedBlock, summaryLine } from '../../../src/engine/summary.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { random } from '../../engine/frames.ts'
import { orbit, type State, stream } from './members.ts'

const state = suite('the state of ftle')

const settings = settingsOf({ block: 4 }, ftle({ norms: ['l1', 'l2'] }))
const alone = settingsOf(
  { block: 4 },
  svd({ rank: 2 }),
  ftle({ method: 'local-linear', on: 'svd', window: 15 })
)

const next = random(9)
const start: State = Array.from({ length: 300 }, next)
const members = [0, 1e-4, 1e-4].map((e) =>
  orbit(
    start.map((v) => v + e * next()),
    22,
    (w) => w.map((v) => 1.1 * v)
  )
)
const [open, ...frames] = stream(members) as [OpenFrame, ...Exclude<Frame, OpenFrame>[]]

function collect() {
  const blocks: AnalysedBlock[] = []
  const lines = (): string[] => blocks.flatMap((block) => block.summaries.map(summaryLine))
  return { emit: (block: AnalysedBlock) => blocks.push(block), lines }
}

function whole(settings: Settings): string[] {
  const { emit, lines } = collect()
  const run = new Run(open, settings, emit)
  for (const frame of frames) run.push(frame)
  run.end()
  return lines()
}

function goesOn(settings: Settings): void {
  const expected = whole(settings)
  assert.match(expected.at(-2)!, /"exponents":\[0\.0/)
  for (const cut of [3, 15, 26, 40, 57]) {
    const { emit, lines } = collect()
    const run = new Run(open, settings, emit)
    for (const frame of frames.slice(0, cut)) run.push(frame)
    const loader = new StateLoader(settings, emit)
    for (const chunk of saveState(run)) loader.push(chunk.slice())
    const loaded = loader.finish()
    for (const frame of frames.slice(cut)) loaded.push(frame)
    loaded.end()
    assert.equal(lines(), expected, `cut before frame ${cut}`)
  }
}

state('goes on after saving and loading as if nothing had happened', () => {
  goesOn(settings)
})

state('of one run alone goes on so, too', () => {
  goesOn(alone)
})

function survivesPeeks(settings: Settings): void {
  const { emit, lines } = collect()
  let peeks = 0
  let peeking = false
  const run = new Run(open, settings, (block) => {
    if (!peeking) emit(block)
  })
  for (const frame of frames) {
    run.push(frame)
    const { length } = run.intake.slotsInUse
    // Where a run ends within a block, it takes what is there of it as a peek.
    if (length === 0 || length >= settings.block || frame.kind === 'close') continue
    peeking = true
    run.end()
    peeking = false
    peeks++
  }
  run.end()
  assert.ok(peeks > 30)
  assert.equal(lines(), whole(settings))
}

state('is left by a peek as it was', () => {
  survivesPeeks(settings)
  survivesPeeks(alone)
})

state.run()

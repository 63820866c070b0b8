import * as thalweg from 'thalweg'
import {
  type AnalyseOptions,
  cmd,
  defineSink,
  defineSource,
  edge,
  ftle,
  health,
  koopman,
  parsePipeline,
  phases,
  runPipeline,
  type StageValue,
  spectrum,
  stability,
  summaryLine,
  svd,
} from 'thalweg'
import { type Case, same } from './case.ts'
import { henon } from './henon.ts'
import { large } from './large.ts'
import { framesOf, registry, summariesOf } from './streams.ts'
import { twoStates } from './two-states.ts'

const everyBlock = { emit: { every: 1 } }

/** A recorded training, seen through these stages. */
const seen = (what: string, options: AnalyseOptions, ...stages: StageValue[]): Case => ({
  name: `stages: ${what}`,
  lines: async function* (recording) {
    yield* await summariesOf(framesOf(recording), options, ...stages)
  },
})

const whole: [AnalyseOptions, ...StageValue[]] = [
  everyBlock,
  svd({ rank: 8 }),
  cmd({ modes: 6, warmup: 24, samples: 200 }),
  ftle({ norms: ['l2', 'l1'] }),
]

const shards: Case = {
  name: 'stages: over any number of memories',
  async *lines(recording) {
    const [options, ...stages] = whole
    const withoutMemory = (lines: readonly string[]) =>
      lines.map((line) => line.replace(/"memory":\d+/, '"memory":0'))
    const one = withoutMemory(await summariesOf(framesOf(recording), options, ...stages))
    for (const count of [2, 5]) {
      const lines = await summariesOf(framesOf(recording), { ...options, shards: count }, ...stages)
      same(`over ${count} memories`, withoutMemory(lines), one)
      yield lines.at(-1)!
    }
  },
}

const collected: string[] = []
const collector = defineSink({
  type: 'collect',
  summary: 'Keeps the lines.',
  options: {},
  open: () => ({
    async write({ summaries }) {
      await Promise.resolve()
      collected.push(...summaries.map(({ environment: _, ...rest }) => summaryLine(rest)))
    },
    close() {
      collected.push('closed')
    },
  }),
})

const pipeline: Case = {
  name: 'stages: a whole pipeline, from its source to its sinks',
  async *lines(recording) {
    const source = defineSource({
      type: 'recording',
      summary: 'The recording.',
      options: {},
      async *open() {
        for (let at = 0; at < recording.length; at += 10_000) {
          yield recording.subarray(at, at + 10_000)
        }
      },
    })
    const known = { ...registry, sources: [source()], sinks: [collector()] }
    const parsed = parsePipeline(
      {
        source: { type: 'recording' },
        select: { exclude: ['**/bias'] },
        stages: [
          { type: 'svd', rank: 16 },
          { type: 'cmd', modes: 10, warmup: 20 },
          { type: 'ftle' },
        ],
        sinks: [{ type: 'collect' }],
      },
      known
    )
    collected.length = 0
    const { alerts } = await runPipeline({
      ...parsed,
      source: parsed.source!,
      sinks: parsed.sinks!,
    })
    yield* [...collected, `highest alert: ${alerts}`]
  },
}

/** Without every fifth delta of member 1 and without anchors of later steps: gaps and unsure positions. */
const gaps: Case = {
  name: 'stages: with gaps and without anchors',
  async *lines(recording) {
    const frames = (function* () {
      for (const frame of framesOf(recording)) {
        if (frame.kind === 'anchor' && frame.step > 0) continue
        if (
          frame.kind === 'delta' &&
          (frame.step === 31 || (frame.member === 1 && frame.step > 60))
        )
          continue
        yield frame
      }
    })()
    yield* await summariesOf(frames, everyBlock, svd(), cmd({ choose: 10 }), ftle())
  },
}

/** Exponents of a map whose exponents are known, from its tangent vectors and from a twin. */
const exponents: Case = {
  name: 'stages: exponents of a known map',
  async *lines() {
    yield* await summariesOf(
      framesOf(henon(500)),
      { block: 32 },
      ftle({ id: 'tangent', method: 'tangent', tangents: 2 }),
      ftle({ id: 'twin' })
    )
  },
}

/** More weights than a sketch has rows, with a twin. */
const sketch: Case = {
  name: 'stages: a sketch',
  async *lines() {
    const stages = [svd({ tier: 'sketch', rank: 6 }), ftle()]
    yield* await summariesOf(framesOf(large(20)), { block: 8 }, ...stages)
  },
}

/** Stages that no case names: with their defaults. */
const named = [health, svd, cmd, ftle, stability, spectrum, edge, koopman, phases].map(
  ({ definition }) => definition.type
)
const others = Object.values(thalweg).filter(
  (value): value is typeof svd =>
    typeof value === 'function' &&
    'kind' in value &&
    value.kind === 'stage' &&
    !named.includes((value as typeof svd).definition.type)
)

/** Every stage on a recorded training, with the options that lead through different code. */
export const stages: readonly Case[] = [
  seen('the whole model', ...whole),
  seen(
    'each tensor',
    { block: 7 },
    health({ per: 'tensor' }),
    svd({ per: 'tensor', rank: 3 }),
    ftle({ per: 'tensor', method: 'local-linear', on: 'svd' })
  ),
  seen(
    'groups, sums of deltas, dropped biases',
    {
      ...everyBlock,
      select: { every: 3, from: 4, exclude: ['**/bias'] },
      groups: { in: ['hidden/**'] },
    },
    svd({ per: 'group', rank: 4 })
  ),
  seen(
    'the centred trajectory, a forgetting one, the reference mode, a perturbed member',
    { block: 8 },
    svd({ id: 'positions', of: 'positions' }),
    svd({ id: 'forget', forget: 0.97 }),
    svd({ id: 'reference', storage: 'f64' }),
    svd({ id: 'twin', member: 1 })
  ),
  seen(
    'modes of a trajectory that is forgotten, tensor by tensor, from every second step',
    { ...everyBlock, block: 8 },
    cmd({ per: 'tensor', forget: 0.97, look: { steps: 2 }, modes: 3, warmup: 12, columns: 12 })
  ),
  seen(
    'matrices, now and then',
    { ...everyBlock, block: 8 },
    stability({ look: { every: 10 } }),
    stability({ id: 'reference', look: { every: 1, of: 'epochs' }, storage: 'f64', draws: 3 }),
    spectrum({ look: { every: 10 }, rank: 4 }),
    spectrum({ id: 'blocks', look: { every: 20 }, rank: 2, full: 8, passes: 2 }),
    edge({ look: { every: 5 }, activation: 'tanh' }),
    phases({ look: { every: 10 }, model: twoStates })
  ),
  seen(
    'spectra along directions, of all members too',
    { ...everyBlock, block: 8 },
    svd({ of: 'positions', rank: 3 }),
    // No intervals: a rounding can decide which eigenvalue one of a draw is assigned to.
    ...[
      { delays: 1, modes: 4, pseudospectrum: 3 },
      { id: 'pooled', pool: true, intercept: false, modes: 3, window: 32 },
    ].map((own) => koopman({ on: 'svd', resamples: 0, ...own }))
  ),
  gaps,
  exponents,
  sketch,
  shards,
  pipeline,
  ...others.map((stage) =>
    seen(`${stage().definition.type}, with its defaults`, { block: 8 }, stage())
  ),
]

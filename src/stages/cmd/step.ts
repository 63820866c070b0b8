import { countsTree, type StageInstance, ThalwegError } from '../../stage/index.ts'
import { chooseByFactor, turns } from './factor.ts'
import { openInstance, referencesOf } from './instance.ts'
import { advance, followSamples, sampledColumns } from './phases.ts'
import { pendingValues, trackValues } from './report.ts'
import { passRows, type RowSums, type RowWork } from './rows.ts'
import type { CmdContext, cmdFigures } from './spec.ts'
import { phase } from './state.ts'
import { gather, trace, traceFactor } from './trace.ts'

/** Makes the step of one scope on one shard: the phases of the method over the blocks, which may change in the middle of one. */
export function cmdStep(context: CmdContext): StageInstance<typeof cmdFigures>['step'] {
  const instance = openInstance(context)
  const { options, scope, arena, header, scratch, samples, factor } = instance

  return function* step(block, mode) {
    const sampled = sampledColumns(instance, block)
    const isFollowing = header.phase === phase.warmup
    const proposes = factor && !isFollowing && mode.commit
    const places = !isFollowing ? referencesOf(instance) : factor ? [] : samples
    const [positions, clocks] = yield* gather(
      scope,
      trace(instance, block, sampled, places),
      proposes ? traceFactor(instance, factor, places) : new Float64Array()
    )
    if (![positions, clocks].every((values) => values.every(Number.isFinite))) {
      throw new ThalwegError(
        'E_NONFINITE',
        `cmd on ${scope.name}: a weight's position is not finite at step ${block.steps.at(-1)}, expected finite weights. Look for a diverging run, or anchors that are not finite.`
      )
    }
    const width = sampled.length + 1
    const track = (i: number): Float64Array => positions.subarray(i * width, (i + 1) * width)
    const first = isFollowing && !factor ? followSamples(instance, sampled.length, track) : 0
    const trackOf = (m: number): Float64Array => track(isFollowing ? header.reference[m]! : m)
    for (let m = 0; m < header.modes; m++) header.origin[m] = trackOf(m)[sampled.length]!

    const work = advance(instance, block, sampled, first, trackOf)
    const limit = 1 + 1e-6 + header.rounded * 2 ** -24
    const pass = (work: RowWork): RowSums | undefined => {
      const measure = mode.report && header.phase === phase.track ? limit : undefined
      const changes = mode.commit && (work.all || work.own || work.propose === 'all')
      if (!changes && measure === undefined) return undefined
      return passRows(instance, block, mode.commit, { ...work, measure })
    }
    if (proposes) arena.f64(scratch.references, clocks.length).set(clocks)
    let passed = pass({ ...work, propose: proposes ? block.index % turns : undefined })
    if (factor && isFollowing && mode.commit && header.samples >= options.warmup) {
      if (yield* chooseByFactor(instance, block)) passed = pass({ propose: 'all' })
    }
    if (!mode.report) return {}
    if (header.phase !== phase.track || !passed) {
      return { values: pendingValues(instance, mode.null) }
    }

    const { add: total } = yield { add: passed.sums.partial(scope.to) }
    const { add: counts } = yield { add: countsTree(scope, [0, ...passed.counts]) }
    return { values: trackValues(instance, total, counts.subarray(1), mode.null) }
  }
}

import type { Block } from '../../engine/block.ts'
import type { Mode, Outcome, StageContext, StageInstance, Step } from '../../engine/stage.ts'
import { ThalwegError } from '../../error.ts'
import { countsTree } from '../../kernels/tree.ts'
import { type Factor, openFactor } from '../factor.ts'
import { findReferences } from './cluster.ts'
import { chooseByFactor, traceFactor, turns } from './factor.ts'
import type { CmdOptions } from './index.ts'
import { fillPiece, fillScale, type Piece } from './pieces.ts'
import { pendingValues, trackValues } from './report.ts'
import { type CmdRows, passRows, type RowSums, type RowWork } from './rows.ts'
import { type Place, samplePlaces, samplesIn } from './sample.ts'
import { layScratch } from './scratch.ts'
import { type CmdHeader, openHeader, phase, slot } from './state.ts'
import { joined, trace } from './trace.ts'

/** One instance: the phases of the method over the blocks, which may change in the middle of one. */
export class CmdStep implements StageInstance {
  readonly #context: StageContext<CmdOptions>
  readonly #header: CmdHeader
  readonly #samples: readonly Place[]
  readonly #rows: CmdRows
  /** What modes are proposed from, in place of trajectories. */
  readonly #factor: Factor | undefined

  constructor(context: StageContext<CmdOptions>) {
    const { options, shape, scope, arena, rows, header, scratch } = context
    this.#context = context
    this.#header = openHeader(arena, header, shape, options)
    this.#samples = samplePlaces(scope, samplesIn(scope, options.samples), options.seed)
    this.#rows = {
      arena,
      scope,
      rows,
      scratch: layScratch(scratch, shape, options),
      most: options.modes,
    }
    this.#factor = openFactor(context)
  }

  *step(block: Block, mode: Mode): Step<Outcome> {
    const { arena, scope, shape, options } = this.#context
    const { figures, weight } = this.#header
    const sampled = this.#sampledColumns(block)
    const isFollowing = figures[slot.phase] === phase.warmup
    const places = !isFollowing ? this.#references() : this.#factor ? [] : this.#samples
    const proposes = !isFollowing && mode.commit ? this.#factor : undefined
    const positions = trace(arena, scope, block, sampled, places)
    const proposals = proposes ? traceFactor(arena, scope, proposes, places) : new Float64Array()
    const { max } = yield {
      add: countsTree(scope, [0]),
      max: joined(positions, proposals),
    }
    this.#expectFinite(max, block)
    const track = (i: number): Float64Array =>
      max.subarray(i * (sampled.length + 1), (i + 1) * (sampled.length + 1))
    const first = isFollowing && !this.#factor ? this.#follow(sampled.length, track) : 0
    const trackOf = (m: number): Float64Array => track(isFollowing ? this.#header.reference[m]! : m)
    for (let m = 0; m < figures[slot.modes]!; m++) weight[m] = trackOf(m)[sampled.length]!

    const work = this.#advance(block, sampled, first, trackOf)
    const limit = 1 + 1e-6 + figures[slot.rounded]! * 2 ** -24
    const isTracking = (): boolean => figures[slot.phase] === phase.track
    const pass = (work: Partial<RowWork>): RowSums => {
      const measure = mode.report && isTracking() ? limit : undefined
      const modes = figures[slot.modes]!
      return passRows(this.#rows, block, { commit: mode.commit, modes, measure, ...work })
    }
    const propose = proposes && this.#proposal(max.subarray(positions.length), block.index % turns)
    const isPass = (mode.report && isTracking()) || (mode.commit && (work.all || work.own))
    let passed = isPass ? pass({ ...work, propose }) : undefined
    if (this.#factor && isFollowing && mode.commit && figures[slot.samples]! >= options.warmup) {
      const clocks = yield* chooseByFactor(
        this.#rows,
        this.#header,
        this.#samples,
        block,
        this.#factor
      )
      if (clocks) passed = pass({ propose: this.#proposal(clocks, 'all') })
    }
    if (!mode.report) return { values: {} }
    if (!isTracking() || !passed) {
      return { values: pendingValues(this.#header, shape, options, mode.null?.values) }
    }

    const { add: total } = yield { add: passed.sums.partial(scope.to) }
    if (total[0] !== 0) {
      throw new ThalwegError(
        'E_KERNEL',
        `cmd on ${scope.name}: ${total[0]} correlations exceed 1 by more than rounding at step ${block.steps.at(-1)}, expected at most ${limit}. Please report this with your pipeline.`
      )
    }
    const { add: members } = yield { add: countsTree(scope, passed.counts) }
    const sums = { total, members }
    return {
      values: trackValues(scope, this.#header, this.#references(), sums, mode.null?.values),
    }
  }

  /** Adds the sampled columns from `first` on to the references' moments; says what is to be done with the rows. */
  #advance(
    block: Block,
    sampled: readonly number[],
    first: number,
    trackOf: (m: number) => Float64Array
  ): { all?: Piece; chooses: boolean; own?: Piece } {
    const { figures } = this.#header
    const { arena, options } = this.#context
    const { scratch } = this.#rows
    const modes = figures[slot.modes]!
    let next = first
    const add = (piece: Piece, end: number): Piece => {
      if (figures[slot.samples] === 0) figures[slot.from] = block.steps[sampled[next]!]!
      figures[slot.to] = block.steps[sampled[end - 1]!]!
      const columns = sampled.slice(next, end)
      const positions = (m: number): Float64Array => trackOf(m).subarray(next, end)
      fillPiece(piece, arena, this.#header, columns, positions, options.forget)
      next = end
      return piece
    }
    let all: Piece | undefined
    let own: Piece | undefined
    let chooses = false
    if (figures[slot.phase] === phase.choose && next < sampled.length) {
      const left = options.choose - figures[slot.samples]!
      all = add(scratch.all, Math.min(sampled.length, next + left))
      figures[slot.rounded]!++
      chooses = figures[slot.samples] === options.choose
      fillScale(this.#header, arena.f64(scratch.chooseScale, modes + 1))
      if (chooses) figures[slot.phase] = phase.track
    }
    const isOwn = figures[slot.phase] === phase.track || this.#factor !== undefined
    if (isOwn && next < sampled.length) own = add(scratch.own, sampled.length)
    fillScale(this.#header, arena.f64(scratch.scale, modes + 1))
    return { all, chooses, own }
  }

  /** Columns whose position is known; counts the others, and the breaks. */
  #sampledColumns(block: Block): number[] {
    const { figures } = this.#header
    const sampled: number[] = []
    block.of(0).marks.forEach(({ present, sure, breaks }, j) => {
      if (breaks) figures[slot.breaks]!++
      if (present && sure) sampled.push(j)
      else figures[slot.skipped]!++
    })
    return sampled
  }

  /**
   * Records the samples' trajectories from the first of `count` columns on; at the end of the warm-up finds the
   * references, or starts over while nothing has moved. Returns how many columns it took.
   */
  #follow(count: number, track: (i: number) => Float64Array): number {
    const { figures, trajectories, reference } = this.#header
    const { options, arena } = this.#context
    let next = 0
    while (next < count && figures[slot.phase] === phase.warmup) {
      const recorded = figures[slot.recorded]!
      const end = Math.min(count, next + options.warmup - recorded)
      this.#samples.forEach((_, i) => {
        trajectories.set(track(i).subarray(next, end), i * options.warmup + recorded)
      })
      figures[slot.recorded]! += end - next
      next = end
      if (figures[slot.recorded]! < options.warmup) continue
      const found = findReferences(
        trajectories,
        options.warmup,
        options.modes,
        arena,
        this.#rows.scratch.cluster
      )
      reference.set(found)
      figures[slot.modes] = found.length
      figures[slot.recorded] = 0
      if (found.length > 0) figures[slot.phase] = phase.choose
    }
    return next
  }

  /** Hands the references' rows of B to the kernels. */
  #proposal(clocks: Float64Array, turn: number | 'all'): RowWork['propose'] {
    const { references } = this.#rows.scratch
    this.#context.arena.f64(references, clocks.length).set(clocks)
    return this.#factor && { factor: this.#factor, turn }
  }

  #references(): Place[] {
    const { figures, reference } = this.#header
    return [...reference.subarray(0, figures[slot.modes])].map((i) => this.#samples[i]!)
  }

  #expectFinite(values: Float64Array, block: Block): void {
    if (values.every(Number.isFinite)) return
    throw new ThalwegError(
      'E_NONFINITE',
      `cmd on ${this.#context.scope.name}: a weight's position is not finite at step ${block.steps.at(-1)}, expected finite weights. Look for a diverging run, or anchors that are not finite.`
    )
  }
}

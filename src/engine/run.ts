import { ThalwegError } from '../error.ts'
import { kernelKind } from '../kernels/arena.ts'
import type { AnchorFrame, DeltaFrame, Frame, Metrics, OpenFrame } from '../wire/frame.ts'
import { correctPositions, correctSeparation } from './anchors.ts'
import type { Block } from './block.ts'
import { blocksOf, nullBlocks } from './blocks.ts'
import { drive } from './drive.ts'
import { emits } from './emission.ts'
import { type ScopeOutcome, StageRunner } from './instances.ts'
import { Landing, type Target } from './landing.ts'
import { type Assembly, isGap, type MemberState, markGap, newMember, passedOver } from './member.ts'
import { walkNull } from './null-walk.ts'
import { planRun, type RunPlan } from './plan.ts'
import { columnStride } from './regions.ts'
import { tileRows } from './scope.ts'
import { unmatchedMessage } from './select.ts'
import type { Settings } from './settings.ts'
import { Shard } from './shard.ts'
import type { Alert, Values } from './stage.ts'
import type { AnalysedBlock, Summary } from './summary.ts'
import { Timeline } from './timeline.ts'

/** A drift at an anchor above this is a break: what came before does not connect to what follows. */
const driftLimit = 1e-3

/** What a run counts beside its members: plain data, saved as it is. */
interface RunState {
  frames: number
  bytes: number
  blocks: number
  /** Recorded steps in whole blocks. */
  before: number
  /** First column slot of the current block. */
  slot: number
  closed: boolean
  metrics: { member: number; step: number; epoch?: number; metrics: Metrics }[]
  lastStep: number
  lastEpoch?: number
}

/** One run of a stream: takes its frames, hands out the blocks that they fill. */
export class Run {
  readonly plan: RunPlan
  private readonly settings: Settings
  private readonly shards: readonly Shard[]
  private readonly landing: Landing
  private readonly members: readonly MemberState[]
  private readonly timeline: Timeline
  private readonly runners: readonly StageRunner[]
  private readonly emit: (block: AnalysedBlock) => void
  private readonly state: RunState
  private alerts: Alert[] = []
  private reported = -1

  /** Plans and reserves everything; throws before any payload is taken if it cannot be done. */
  constructor(open: OpenFrame, settings: Settings, emit: (block: AnalysedBlock) => void) {
    this.plan = planRun(open, settings)
    this.settings = settings
    this.emit = emit
    const kind = kernelKind(settings.mode)
    const { edges } = this.plan
    this.shards = edges.slice(1).map((to, k) => new Shard(this.plan, edges[k]!, to, kind))
    this.landing = new Landing(this.shards, open.tensors, this.plan.layout)
    this.members = this.plan.members.map(newMember)
    this.timeline = new Timeline(this.members, this.plan.slots)
    this.runners = this.plan.stages.map((stage) => new StageRunner(stage, this.shards))
    this.state = {
      frames: 0,
      bytes: open.bytes,
      blocks: 0,
      before: 0,
      slot: 0,
      closed: false,
      metrics: [],
      lastStep: 0,
    }
    for (const unmatched of this.plan.unmatched) {
      this.alert('select/unmatched', 'warn', unmatchedMessage(unmatched))
    }
  }

  /** Takes a frame of this run; its payloads are copied before this returns. */
  push(frame: Exclude<Frame, OpenFrame>): void {
    this.state.bytes += frame.bytes
    if (frame.kind === 'close') {
      this.state.closed = true
      return
    }
    this.state.frames++
    const place = this.plan.members.indexOf(frame.member)
    if (place < 0) return
    const state = this.members[place]!
    state.frames++
    if (frame.kind === 'metrics') this.metrics(frame.member, frame.step, frame.epoch, frame.metrics)
    else if (frame.kind !== 'tangent') this.carry(place, state, frame)
  }

  /** Ends the run: emits what the unfinished block adds, and the run's own summary. */
  end(failure?: ThalwegError): void {
    if (failure) {
      this.alert('run/failed', 'error', failure.message)
    } else if (!this.state.closed) {
      this.alert(
        'run/truncated',
        'warn',
        'the stream ended without "close"; the summaries stand for what came'
      )
    }
    for (const state of this.members) state.assembly = null
    const { block } = this.settings
    const summaries: Summary[] = []
    try {
      while (this.timeline.entries.length > block)
        summaries.push(...this.advance(block, true, true))
      const length = this.timeline.entries.length
      if (length > 0 || this.reported < this.state.blocks) {
        summaries.push(...this.advance(length, length === block, true))
      }
    } catch (error) {
      if (!failure) throw error
    }
    summaries.push(...this.metricsSummaries(), this.runSummary(failure))
    this.emit({
      run: this.plan.open.run,
      from: this.timeline.entries[0]?.step ?? this.state.lastStep,
      to: this.state.lastStep,
      final: true,
      summaries,
    })
  }

  private carry(place: number, state: MemberState, frame: DeltaFrame | AnchorFrame): void {
    let assembly = state.assembly
    if (assembly?.kind !== frame.kind || assembly.step !== frame.step) {
      assembly = this.begin(state, frame)
      state.assembly = assembly
    }
    if (frame.kind === 'delta') {
      assembly.base ??= frame.base
      assembly.epoch ??= frame.epoch
      if (frame.metrics && assembly.unused === undefined) {
        this.metrics(frame.member, frame.step, frame.epoch, frame.metrics)
      }
    }
    if (assembly.unused === undefined) {
      const target = this.target(state, assembly)
      try {
        const bad = this.landing.part(target, assembly.cursor, frame.at, frame.data, frame.dtype)
        if (bad) assembly.nonFinite ??= bad.name
        if (!frame.more) this.landing.finish(target, assembly.cursor)
      } catch (error) {
        throw located(error, frame)
      }
    }
    if (frame.more) return
    state.assembly = null
    if (assembly.unused !== undefined) this.passOver(state, assembly)
    else if (assembly.nonFinite !== undefined) this.nonFinite(state, assembly, frame)
    else if (frame.kind === 'anchor') this.anchor(place, state, frame)
    else this.delta(place, state, assembly, frame.offset)
  }

  private begin(state: MemberState, frame: DeltaFrame | AnchorFrame): Assembly {
    const unused = passedOver(state, frame, this.settings.select)
    const lands = frame.kind === 'delta' && unused === undefined && this.settings.select.every === 1
    const entry = lands ? this.timeline.find(state, frame.step, frame.offset) : -1
    return {
      kind: frame.kind,
      step: frame.step,
      entry,
      unused: unused ?? (lands && entry < 0 ? 'outside' : undefined),
      cursor: { tensor: 0, element: 0 },
    }
  }

  private target(state: MemberState, assembly: Assembly): Target {
    const { member } = state
    const whole = assembly.kind === 'anchor'
    const elementBytes = whole ? this.plan.anchorBytes : this.plan.elementBytes
    const region = whole ? `anchor/${member}` : `landing/${member}`
    const address = (shard: Shard): number =>
      assembly.entry < 0 ? shard.address(region) : shard.column(member, this.slotOf(assembly.entry))
    return { address, elementBytes, whole }
  }

  private slotOf(entry: number): number {
    return (this.state.slot + entry) % this.plan.slots
  }

  /** A repeat is dropped; a step outside the selection moves the weights unseen, so anchors before it do not hold. */
  private passOver(state: MemberState, assembly: Assembly): void {
    if (assembly.unused === 'repeat') state.duplicates++
    else {
      state.skipped++
      if (assembly.unused === 'outside') {
        state.lastStep = assembly.step
        state.anchored = false
        if (state.member > 0) state.sure = false
      }
    }
  }

  private nonFinite(state: MemberState, assembly: Assembly, frame: DeltaFrame | AnchorFrame): void {
    state.nonFinite++
    const what = `member ${state.member}, step ${frame.step}: tensor "${assembly.nonFinite}" of the ${frame.kind} holds a NaN or an infinity`
    if (state.member > 0) {
      state.closed = true
      this.alert('health/non-finite', 'error', `${what}; its window is closed`)
      this.whileComplete()
      return
    }
    if (this.settings.nonFinite === 'error') {
      throw new ThalwegError(
        'E_NONFINITE',
        `${what}. Look at the learning rate and the loss there; "nonFinite": "drop" leaves such steps out.`,
        { offset: frame.offset }
      )
    }
    this.alert('health/non-finite', 'error', `${what}; the step is dropped`)
    if (frame.kind === 'delta') {
      markGap(state)
      state.lastStep = frame.step
    }
  }

  private delta(place: number, state: MemberState, assembly: Assembly, offset: number): void {
    const { step } = assembly
    const { every } = this.settings.select
    if (isGap(state, assembly.base)) {
      markGap(state)
      this.alert(
        'health/gap',
        'warn',
        `member ${state.member}: step ${step} starts at step ${assembly.base}, the last one was ${state.lastStep}; windows close and positions are unsure until the next anchor`
      )
    }
    state.steps++
    state.lastStep = step
    let { entry } = assembly
    if (every > 1) {
      this.sum(state)
      if (++state.summed < every) return
      state.summed = 0
      entry = this.timeline.find(state, step, offset)
      if (entry < 0) return
      this.settle(state, this.slotOf(entry))
    }
    this.pair(place, state, entry, step, assembly.epoch)
    this.whileComplete()
  }

  private sum({ member }: MemberState): void {
    for (const shard of this.shards) {
      shard.kernels.accumulate(
        shard.address(`sum/${member}`),
        shard.address(`landing/${member}`),
        shard.rows,
        this.plan.elementBytes
      )
    }
  }

  private settle({ member }: MemberState, slot: number): void {
    for (const shard of this.shards) {
      shard.kernels.settle(
        shard.address(`sum/${member}`),
        shard.column(member, slot),
        shard.rows,
        this.plan.elementBytes
      )
    }
  }

  /** Enters a column in the timeline and turns the columns of other members, once member 0's is there, to differences. */
  private pair(
    place: number,
    state: MemberState,
    entry: number,
    step: number,
    epoch?: number
  ): void {
    this.timeline.record(place, entry, step, epoch)
    const { marks } = this.timeline.entries[entry]!
    const slot = this.slotOf(entry)
    this.members.forEach(({ member }, other) => {
      if (member === 0 || !marks[0]?.present || !marks[other]?.present) return
      if (state.member !== 0 && state.member !== member) return
      for (const shard of this.shards) {
        shard.kernels.difference(
          shard.column(member, slot),
          shard.column(0, slot),
          shard.rows,
          this.plan.elementBytes
        )
      }
    })
  }

  private anchor(place: number, state: MemberState, frame: AnchorFrame): void {
    state.anchors++
    if (state.lastStep !== null && frame.step < state.lastStep) {
      state.generation++
      state.breakNext = true
    }
    if (state.member === 0) this.anchorPositions(state, frame)
    state.lastAnchor = frame.step
    state.lastStep = frame.step
    for (const [other, twin] of this.members.entries()) {
      if (twin.member === 0 || (place !== 0 && place !== other)) continue
      const zero = this.members[0]!
      if (
        twin.lastAnchor === zero.lastAnchor &&
        twin.generation === zero.generation &&
        !twin.closed
      ) {
        this.anchorSeparation(other, twin)
      }
    }
  }

  private anchorPositions(state: MemberState, frame: AnchorFrame): void {
    const slots = this.placedSlots([0], state.passed)
    const outcome = drive(
      this.shards.map((shard) => correctPositions(shard, this.plan, state.anchored, slots))
    )
    state.anchorNorm = outcome.norm
    if (state.anchored) {
      state.driftAtAnchor = outcome.drift
      if (outcome.drift > driftLimit) {
        state.breakNext = true
        this.timeline.markStale(0)
        this.alert(
          'health/drift',
          'warn',
          `step ${frame.step}: the anchor lies ${outcome.drift.toExponential(2)} (relative) from the summed deltas; positions are corrected and windows close`
        )
      }
    }
    state.anchored = true
    state.anchorNext = true
  }

  private anchorSeparation(place: number, twin: MemberState): void {
    if (!this.plan.separations) return
    const slots = this.placedSlots([0, place], Math.min(twin.passed, this.members[0]!.passed))
    for (const shard of this.shards) correctSeparation(shard, this.plan, twin.member, slots)
    if (!twin.anchored || twin.gapNext) this.timeline.markStale(place)
    twin.anchored = true
    twin.anchorNext = true
  }

  /** Slots of the first `count` entries in which all the given members are present. */
  private placedSlots(places: readonly number[], count: number): number[] {
    return this.timeline.entries
      .slice(0, count)
      .flatMap((entry, e) =>
        places.every((place) => entry.marks[place]?.present) ? [this.slotOf(e)] : []
      )
  }

  private whileComplete(): void {
    const { block } = this.settings
    while (this.timeline.complete >= block) {
      const report = emits(this.state.blocks, this.settings.emit.every)
      const from = this.timeline.entries[0]!.step
      const summaries = this.advance(block, true, report)
      if (report) summaries.push(...this.metricsSummaries())
      this.emit({ run: this.plan.open.run, from, to: this.state.lastStep, final: false, summaries })
    }
  }

  /** Steps all stages over the first `length` entries: for good if `commit`, else as a peek. */
  private advance(length: number, commit: boolean, report: boolean): Summary[] {
    this.clearAbsent(length)
    const { plan, shards, state, timeline } = this
    const place = { index: state.blocks, before: state.before, slot: state.slot }
    const blocks = blocksOf(plan, shards, timeline, this.members, place, length)
    const nulls = new Map<number, Block[]>()
    for (const member of plan.nullMembers) {
      drive(shards.map((shard) => walkNull(shard, plan, member, { ...place, length }, commit)))
      nulls.set(member, nullBlocks(blocks, shards, member))
    }
    state.lastStep = timeline.entries[length - 1]?.step ?? state.lastStep
    state.lastEpoch = timeline.entries[length - 1]?.epoch ?? state.lastEpoch
    const outcomes = new Map<string, ScopeOutcome[]>()
    for (const { stage, ...runner } of this.runners.map((r) => ({ stage: r.stage, r }))) {
      const upstream = stage.on === undefined ? undefined : outcomes.get(stage.on)
      const mode = { commit, report }
      outcomes.set(stage.id, runner.r.step(blocks, nulls.get(stage.member), upstream, mode))
    }
    if (commit) this.commit(length)
    if (!report) return []
    this.reported = state.blocks
    return this.runners.flatMap(({ stage }) =>
      outcomes.get(stage.id)!.map(({ scope, outcome }) => {
        const own = outcome.alerts ?? []
        const alerts = stage.definition.type === 'health' ? [...this.takeAlerts(), ...own] : own
        return this.summary(
          stage.id,
          stage.definition.type,
          scope,
          stage.member,
          outcome.values,
          alerts
        )
      })
    )
  }

  /** Zeroes the columns of steps that a member did not bring, or that member 0 did not. */
  private clearAbsent(length: number): void {
    this.timeline.entries.slice(0, length).forEach((entry, e) => {
      this.members.forEach(({ member }, place) => {
        if (entry.marks[place]?.present && entry.marks[0]?.present) return
        for (const shard of this.shards) {
          shard.arena
            .u8(shard.column(member, this.slotOf(e)), shard.rows * this.plan.elementBytes)
            .fill(0)
        }
      })
    })
  }

  /** Moves positions, separations and the timeline past a block that all stages have taken. */
  private commit(length: number): void {
    const { plan, state } = this
    for (const shard of this.shards) {
      const { kernels } = shard
      for (const member of plan.members) {
        const x = shard.column(member, state.slot)
        if (member === 0) {
          kernels.advance_positions(
            shard.address('positions/high'),
            shard.address('positions/low'),
            x,
            shard.stride,
            length,
            shard.rows,
            plan.elementBytes
          )
        } else if (plan.separations) {
          kernels.advance_separation(
            shard.address(`separation/${member}`),
            x,
            shard.stride,
            length,
            shard.rows,
            plan.elementBytes
          )
        }
      }
      const sampleRows = (shard.sampleTo - shard.sampleFrom) * tileRows
      for (const member of plan.nullMembers) {
        kernels.advance_positions(
          shard.address(`null/${member}/high`),
          shard.address(`null/${member}/low`),
          shard.address(`null/${member}/columns`),
          columnStride(sampleRows, 4),
          length,
          sampleRows,
          4
        )
      }
    }
    this.timeline.advance(length)
    state.blocks++
    state.before += length
    state.slot = (state.slot + length) % plan.slots
  }

  private metrics(member: number, step: number, epoch: number | undefined, metrics: Metrics): void {
    const latest = { member, step, epoch, metrics }
    const known = this.state.metrics.findIndex((entry) => entry.member === member)
    if (known < 0) this.state.metrics.push(latest)
    else
      this.state.metrics[known] = {
        ...latest,
        metrics: { ...this.state.metrics[known]!.metrics, ...metrics },
      }
    if (Object.values(metrics).some((value) => !Number.isFinite(value))) {
      const summaries = this.metricsSummaries(member)
      this.emit({ run: this.plan.open.run, from: step, to: step, final: false, summaries })
    }
  }

  private metricsSummaries(only?: number): Summary[] {
    return this.state.metrics
      .filter(({ member }) => only === undefined || member === only)
      .map(({ member, step, epoch, metrics }) => ({
        ...this.summary('metrics', 'metrics', 'model', member, withWhy(metrics), []),
        step,
        ...(epoch === undefined ? {} : { epoch }),
      }))
  }

  private runSummary(failure: ThalwegError | undefined): Summary {
    const { plan, state } = this
    const values = {
      frames: state.frames,
      bytes: state.bytes,
      steps: this.members[0]!.steps,
      recorded: state.before + this.timeline.entries.length,
      blocks: state.blocks,
      end: failure ? 'failed' : state.closed ? 'closed' : 'truncated',
      parameters: plan.layout.rows,
      tensors: plan.layout.tensors.length,
      members: plan.open.members,
      memory: plan.bytes,
    }
    return this.summary('run', 'run', 'model', 0, values, this.takeAlerts())
  }

  private summary(
    stage: string,
    type: string,
    scope: string,
    member: number,
    values: Values,
    alerts: readonly Alert[]
  ): Summary {
    const { lastStep: step, lastEpoch: epoch, frames } = this.state
    const { run } = this.plan.open
    return {
      schema: 'thalweg.summary/1',
      run,
      stage,
      type,
      scope,
      member,
      step,
      ...(epoch === undefined ? {} : { epoch }),
      frames,
      values,
      alerts: this.levelled(alerts),
    }
  }

  private alert(id: string, level: Alert['level'], message: string): void {
    if (this.alerts.length < 100) this.alerts.push({ id, level, message })
  }

  private takeAlerts(): Alert[] {
    const taken = this.alerts
    this.alerts = []
    return taken
  }

  private levelled(alerts: readonly Alert[]): Alert[] {
    return alerts.flatMap((alert) => {
      const level = this.settings.alerts[alert.id] ?? alert.level
      return level === 'off' ? [] : [{ ...alert, level }]
    })
  }
}

function withWhy(metrics: Metrics): Values {
  const why = Object.entries(metrics)
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name, value]) => `${name} is ${value}`)
  return why.length > 0 ? { ...metrics, why: why.join('; ') } : metrics
}

/** An error of a payload, with the place of its frame in the stream. */
function located(error: unknown, frame: DeltaFrame | AnchorFrame): unknown {
  if (!(error instanceof ThalwegError) || error.offset !== undefined) return error
  const message = error.message.slice(0, error.message.lastIndexOf(' ['))
  return new ThalwegError(error.code, `member ${frame.member}, step ${frame.step}: ${message}`, {
    offset: frame.offset,
  })
}

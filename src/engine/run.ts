import { ThalwegError } from '../error.ts'
import type {
  AnchorFrame,
  DeltaFrame,
  Frame,
  Metrics,
  OpenFrame,
  TangentFrame,
} from '../wire/frame.ts'
import type { StreamPlace } from '../wire/run-state.ts'
import { Analysis } from './analysis.ts'
import { Anchors } from './anchors.ts'
import { emits } from './emission.ts'
import { Landing, type Target } from './landing.ts'
import {
  type Assembly,
  isGap,
  type MemberState,
  markGap,
  newMember,
  passedOver,
  seenBefore,
} from './member.ts'
import { planRun, type RunPlan } from './plan.ts'
import { Report, type Standing } from './report.ts'
import { unmatchedMessage } from './select.ts'
import type { Settings } from './settings.ts'
import type { Shard } from './shard.ts'
import type { Alert } from './stage.ts'
import type { AnalysedBlock, Summary } from './summary.ts'
import { Tangents } from './tangents.ts'
import { type Entry, Timeline } from './timeline.ts'

/** What a run counts beside its members: plain data, saved as it is. */
interface RunState {
  frames: number
  bytes: number
  closed: boolean
  lastStep: number
  lastEpoch?: number
  /** Blocks when stages last reported; -1 before. */
  reported: number
}

/** One run of a stream: takes its frames, hands out the summaries of the blocks that they fill. */
export class Run {
  readonly plan: RunPlan
  private readonly settings: Settings
  private readonly emit: (block: AnalysedBlock) => void
  private readonly members: readonly MemberState[]
  private readonly timeline: Timeline
  private readonly analysis: Analysis
  private readonly landing: Landing
  private readonly report: Report
  private readonly anchors: Anchors
  private readonly tangents: Tangents
  private readonly state: RunState

  /** Plans and reserves everything; throws before any payload is taken if it cannot be done. */
  constructor(open: OpenFrame, settings: Settings, emit: (block: AnalysedBlock) => void) {
    this.plan = planRun(open, settings)
    this.settings = settings
    this.emit = emit
    this.members = this.plan.members.map(newMember)
    this.timeline = new Timeline(this.members, this.plan.slots)
    this.analysis = new Analysis(this.plan, this.members, this.timeline)
    this.landing = new Landing(this.analysis.shards, open.tensors, this.plan.layout)
    this.report = new Report(open.run, settings.alerts)
    this.anchors = new Anchors(this.analysis, this.members, this.timeline, this.report)
    this.tangents = new Tangents(this.analysis, this.timeline, this.landing, this.report)
    this.state = { frames: 0, bytes: open.bytes, closed: false, lastStep: 0, reported: -1 }
    for (const unmatched of this.plan.unmatched) {
      this.report.alert('select/unmatched', 'warn', unmatchedMessage(unmatched))
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
    if (frame.kind === 'metrics') {
      if (!seenBefore(state, frame.kind, frame.step)) this.metrics(frame, frame.metrics)
    } else if (frame.kind === 'tangent') this.tangent(place, state, frame)
    else this.carry(place, state, frame)
  }

  get shards(): readonly Shard[] {
    return this.analysis.shards
  }

  /** Where the stream stands after the last frame that was taken. */
  get place(): StreamPlace {
    const { open } = this.plan
    const { frames, bytes } = this.state
    return { open, frames, offset: open.offset + bytes }
  }

  /** Column slots that hold a step which is not yet analysed, or a part of one; none between blocks. */
  get slotsInUse(): number[] {
    const assembled = this.members
      .flatMap(({ assembly, tangents }) => [assembly, tangents])
      .map((coming) => (coming?.entry ?? -1) + 1)
    const length = Math.max(this.timeline.entries.length, ...assembled)
    return Array.from({ length }, (_, entry) => this.analysis.slotOf(entry))
  }

  /** Everything that is not in the shards' memories, as plain data. */
  plain(): unknown {
    return {
      run: this.state,
      members: this.members,
      entries: this.timeline.entries,
      analysis: this.analysis.state,
      report: this.report.state,
    }
  }

  /**
   * Takes up what `plain` gave.
   *
   * @param seen whether steps from before may come again; they are skipped and counted
   */
  resume(plain: unknown, alerts: readonly Alert[], seen: boolean): void {
    const saved = plain as {
      run: RunState
      members: MemberState[]
      entries: Entry[]
      analysis: Analysis['state']
      report: Report['state']
    }
    Object.assign(this.state, saved.run)
    this.members.forEach((state, i) => {
      const begin = seen
        ? { resumed: 'waiting', assembly: null, tangents: null }
        : { resumed: null }
      Object.assign(state, saved.members[i], begin)
    })
    this.timeline.entries.push(...saved.entries)
    Object.assign(this.analysis.state, saved.analysis)
    Object.assign(this.report.state, saved.report)
    this.report.state.alerts.push(...alerts)
  }

  /** Ends the run: emits what the unfinished block adds, and the run's own summary. */
  end(failure?: ThalwegError): void {
    const end = failure ? 'failed' : this.state.closed ? 'closed' : 'truncated'
    const alerts: Alert[] = []
    if (failure) alerts.push({ id: 'run/failed', level: 'error', message: failure.message })
    else if (end === 'truncated') {
      const message = 'the stream ended without "close"; the summaries stand for what came'
      alerts.push({ id: 'run/truncated', level: 'warn', message })
    }
    for (const state of this.members) state.assembly = null
    const { block } = this.settings
    const summaries: Summary[] = []
    try {
      while (this.timeline.entries.length > block)
        summaries.push(...this.advance(block, true, true))
      const length = this.timeline.entries.length
      if (length > 0 || this.state.reported < this.analysis.state.blocks) {
        summaries.push(...this.advance(length, length === block, true))
      }
    } catch (error) {
      if (!failure) throw error
    }
    summaries.push(...this.report.metrics(this.standing), this.runSummary(end, alerts))
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
        this.metrics(frame, frame.metrics)
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
    else if (frame.kind === 'anchor') this.anchors.take(place, state, frame.step)
    else this.delta(place, state, assembly, frame.offset)
  }

  private tangent(place: number, state: MemberState, frame: TangentFrame): void {
    if (seenBefore(state, frame.kind, frame.step)) return
    try {
      this.tangents.take(place, state, frame)
    } catch (error) {
      throw located(error, frame)
    }
  }

  private begin(state: MemberState, frame: DeltaFrame | AnchorFrame): Assembly {
    const unused = passedOver(state, frame, this.settings.select)
    const lands = frame.kind === 'delta' && unused === undefined && this.settings.select.every === 1
    const entry = lands ? this.timeline.find(state, frame.step, frame.offset) : -1
    return {
      kind: frame.kind,
      step: frame.step,
      entry,
      unused: unused ?? (lands && entry < 0 ? 'unpaired' : undefined),
      cursor: { tensor: 0, element: 0 },
    }
  }

  private target(state: MemberState, assembly: Assembly): Target {
    const { member } = state
    const whole = assembly.kind === 'anchor'
    const elementBytes = whole ? this.plan.anchorBytes : this.plan.elementBytes
    const region = whole ? `anchor/${member}` : `landing/${member}`
    const address = (shard: Shard): number =>
      assembly.entry < 0
        ? shard.address(region)
        : shard.column(member, this.analysis.slotOf(assembly.entry))
    return { address, elementBytes, whole }
  }

  /** A repeat is dropped. Steps before the selection move the weights unseen, so anchors before them do not hold. */
  private passOver(state: MemberState, { unused, step }: Assembly): void {
    if (unused === 'repeat') {
      state.duplicates++
      return
    }
    state.skipped++
    if (unused === 'before' || unused === 'after' || unused === 'unpaired') state.lastStep = step
    if (unused === 'unpaired') markGap(state)
    if (unused === 'before') {
      state.anchored = false
      state.sure = state.member === 0
    }
  }

  private nonFinite(state: MemberState, assembly: Assembly, frame: DeltaFrame | AnchorFrame): void {
    state.nonFinite++
    const what = `member ${state.member}, step ${frame.step}: tensor "${assembly.nonFinite}" of the ${frame.kind} holds a NaN or an infinity`
    if (state.member > 0) {
      state.closed = true
      this.report.alert('health/non-finite', 'error', `${what}; its window is closed`)
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
    this.report.alert('health/non-finite', 'error', `${what}; the step is dropped`)
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
      this.report.alert(
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
      this.settle(state, this.analysis.slotOf(entry))
    }
    this.pair(place, state, entry, step, assembly.epoch)
    this.whileComplete()
  }

  private sum({ member }: MemberState): void {
    for (const shard of this.analysis.shards) {
      shard.kernels.accumulate(
        shard.address(`sum/${member}`),
        shard.address(`landing/${member}`),
        shard.rows,
        this.plan.elementBytes
      )
    }
  }

  private settle({ member }: MemberState, slot: number): void {
    for (const shard of this.analysis.shards) {
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
    this.tangents.record(place, state, entry, step)
    const { marks } = this.timeline.entries[entry]!
    const slot = this.analysis.slotOf(entry)
    this.members.forEach(({ member }, other) => {
      if (member === 0 || !marks[0]?.present || !marks[other]?.present) return
      if (state.member !== 0 && state.member !== member) return
      for (const shard of this.analysis.shards) {
        shard.kernels.difference(
          shard.column(member, slot),
          shard.column(0, slot),
          shard.rows,
          this.plan.elementBytes
        )
      }
    })
  }

  private whileComplete(): void {
    const { block, emit } = this.settings
    while (this.timeline.complete >= block) {
      const report = emits(this.analysis.state.blocks, emit.every)
      const from = this.timeline.entries[0]!.step
      const summaries = this.advance(block, true, report)
      if (report) summaries.push(...this.report.metrics(this.standing))
      this.emit({ run: this.plan.open.run, from, to: this.state.lastStep, final: false, summaries })
    }
  }

  private advance(length: number, commit: boolean, report: boolean): Summary[] {
    const { state } = this
    const entry = this.timeline.entries[length - 1]
    if (entry) state.lastStep = entry.step
    if (entry?.epoch !== undefined) state.lastEpoch = entry.epoch
    const outcomes = this.analysis.advance(length, commit, report)
    if (!report) return []
    state.reported = this.analysis.state.blocks
    return outcomes.flatMap(({ stage, outcomes: own }) =>
      this.report.stage(this.standing, stage, own)
    )
  }

  private metrics(
    { member, step, epoch }: { member: number; step: number; epoch?: number },
    metrics: Metrics
  ): void {
    this.report.record({ member, step, epoch, metrics })
    if (Object.values(metrics).every(Number.isFinite)) return
    const summaries = this.report.metrics(this.standing, member)
    this.emit({ run: this.plan.open.run, from: step, to: step, final: false, summaries })
  }

  private runSummary(end: string, alerts: readonly Alert[]): Summary {
    const { plan, state } = this
    const { blocks, before } = this.analysis.state
    const values = {
      frames: state.frames,
      bytes: state.bytes,
      steps: this.members[0]!.steps,
      recorded: before + this.timeline.entries.length,
      blocks,
      end,
      parameters: plan.layout.rows,
      tensors: plan.layout.tensors.length,
      members: plan.open.members,
      memory: plan.bytes,
    }
    return this.report.summary(this.standing, 'run', 'run', 'model', 0, values, [
      ...this.report.state.alerts,
      ...alerts,
    ])
  }

  private get standing(): Standing {
    const { lastStep: step, lastEpoch: epoch, frames } = this.state
    return { step, epoch, frames }
  }
}

/** An error of a payload, with the place of its frame in the stream. */
function located(error: unknown, frame: DeltaFrame | AnchorFrame | TangentFrame): unknown {
  if (!(error instanceof ThalwegError) || error.offset !== undefined) return error
  const message = error.message.slice(0, error.message.lastIndexOf(' ['))
  return new ThalwegError(error.code, `member ${frame.member}, step ${frame.step}: ${message}`, {
    offset: frame.offset,
  })
}

import type { ThalwegError } from '../../error.ts'
import type {
  AnchorFrame,
  DeltaFrame,
  Frame,
  Metrics,
  OpenFrame,
  TangentFrame,
} from '../../wire/frame.ts'
import type { StreamPlace } from '../../wire/run-state.ts'
import { Analysis } from '../analysis/analysis.ts'
import { columnViews } from '../analysis/views.ts'
import { Anchors } from '../intake/anchors.ts'
import { Columns } from '../intake/columns.ts'
import { Landing, located } from '../intake/landing.ts'
import { type MemberState, newMember, seenBefore } from '../intake/member.ts'
import { Tangents } from '../intake/tangents.ts'
import { type Entry, Timeline } from '../intake/timeline.ts'
import { planRun } from '../planning/fit.ts'
import { foldingError } from '../planning/fold.ts'
import type { RunPlan } from '../planning/plan.ts'
import { unmatchedMessage } from '../planning/select.ts'
import type { Settings } from '../settings.ts'
import { type Share, wholeRun } from '../shards/drive.ts'
import type { Shard } from '../shards/shard.ts'
import type { Alert } from '../stage.ts'
import type { AnalysedBlock, Summary } from '../summary.ts'
import { emits } from './emission.ts'
import { Report, type Standing } from './report.ts'

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
  readonly #settings: Settings
  readonly #emit: (block: AnalysedBlock) => void
  readonly #members: readonly MemberState[]
  readonly #timeline: Timeline
  readonly #analysis: Analysis
  readonly #report: Report
  readonly #columns: Columns
  readonly #tangents: Tangents
  readonly #state: RunState

  /** Plans and reserves everything; throws before any payload is taken if it cannot be done. */
  constructor(
    open: OpenFrame,
    settings: Settings,
    emit: (block: AnalysedBlock) => void,
    share: Share = wholeRun
  ) {
    this.plan = planRun(open, settings)
    this.#settings = settings
    this.#emit = emit
    const members = this.plan.members.map(newMember)
    const timeline = new Timeline(members, this.plan.slots)
    const analysis = new Analysis(this.plan, members, timeline, share)
    const report = new Report(open.run, settings.alerts)
    const landing = new Landing(analysis.shards, this.plan, share)
    const anchors = new Anchors(analysis, members, timeline, report)
    const tangents = new Tangents(analysis, timeline, landing, report)
    this.#members = members
    this.#timeline = timeline
    this.#analysis = analysis
    this.#report = report
    this.#tangents = tangents
    this.#columns = new Columns({ analysis, members, timeline, landing, anchors, tangents, report })
    this.#state = { frames: 0, bytes: open.bytes, closed: false, lastStep: 0, reported: -1 }
    if (this.plan.folded) {
      const { parameters, layout } = this.plan
      this.#report.alert(
        'run/sketch',
        'info',
        `${parameters} parameters are folded to ${layout.rows} rows: norms and singular values scatter by ${(100 * foldingError).toFixed(2)} %, and no weight is known by itself`
      )
    }
    for (const unmatched of this.plan.unmatched) {
      this.#report.alert('select/unmatched', 'warn', unmatchedMessage(unmatched))
    }
  }

  /** Takes a frame of this run; its payloads are copied before this returns. */
  push(frame: Exclude<Frame, OpenFrame>): void {
    this.#state.bytes += frame.bytes
    if (frame.kind === 'close') {
      this.#state.closed = true
      return
    }
    this.#state.frames++
    const place = this.plan.members.indexOf(frame.member)
    if (place < 0) return
    const state = this.#members[place]!
    state.frames++
    if (frame.kind === 'metrics') {
      if (!seenBefore(state, frame.kind, frame.step)) this.#metrics(frame, frame.metrics)
    } else if (frame.kind === 'tangent') this.#tangent(place, state, frame)
    else this.#carry(place, state, frame)
  }

  /** Those of this thread. */
  get shards(): readonly Shard[] {
    return this.#analysis.shards
  }

  /** Where the stream stands after the last frame that was taken. */
  get place(): StreamPlace {
    const { open } = this.plan
    const { frames, bytes } = this.#state
    return { open, frames, offset: open.offset + bytes }
  }

  /** Blocks that were analysed. */
  get blocks(): number {
    return this.#analysis.state.blocks
  }

  /** Column slots that hold a step which is not yet analysed, or a part of one; none between blocks. */
  get slotsInUse(): number[] {
    const assembled = this.#members
      .flatMap(({ assembly, tangents }) => [assembly, tangents])
      .map((coming) => (coming?.entry ?? -1) + 1)
    const length = Math.max(this.#timeline.entries.length, ...assembled)
    return Array.from({ length }, (_, entry) => this.#analysis.slotOf(entry))
  }

  /** Everything that is not in the shards' memories, as plain data. */
  plain(): unknown {
    return {
      run: this.#state,
      members: this.#members,
      entries: this.#timeline.entries,
      analysis: this.#analysis.state,
      report: this.#report.state,
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
    Object.assign(this.#state, saved.run)
    this.#members.forEach((state, i) => {
      Object.assign(state, saved.members[i])
    })
    if (seen) this.join()
    this.#timeline.entries.push(...saved.entries)
    Object.assign(this.#analysis.state, saved.analysis)
    Object.assign(this.#report.state, saved.report)
    this.#report.state.alerts.push(...alerts)
  }

  /** Goes on with another stream, which may begin with steps from before; they are skipped and counted. */
  join(): void {
    for (const state of this.#members) {
      Object.assign(state, { resumed: 'waiting', assembly: null, tangents: null })
    }
  }

  /** Ends the run: emits what the unfinished block adds, and the run's own summary. */
  end(failure?: ThalwegError): void {
    const end = failure ? 'failed' : this.#state.closed ? 'closed' : 'truncated'
    const alerts: Alert[] = []
    if (failure) alerts.push({ id: 'run/failed', level: 'error', message: failure.message })
    else if (end === 'truncated') {
      const message = 'the stream ended without "close"; the summaries stand for what came'
      alerts.push({ id: 'run/truncated', level: 'warn', message })
    }
    for (const state of this.#members) state.assembly = null
    const { block } = this.#settings
    const summaries: Summary[] = []
    const columns = columnViews(this.#analysis, this.#timeline, this.#timeline.entries.length)
    try {
      while (this.#timeline.entries.length > block)
        summaries.push(...this.#advance(block, true, true))
      const length = this.#timeline.entries.length
      if (length > 0 || this.#state.reported < this.#analysis.state.blocks) {
        summaries.push(...this.#advance(length, length === block, true))
      }
    } catch (error) {
      if (!failure) throw error
    }
    summaries.push(...this.#report.metrics(this.#standing), this.#runSummary(end, alerts))
    this.#emit({
      run: this.plan.open.run,
      from: this.#timeline.entries[0]?.step ?? this.#state.lastStep,
      to: this.#state.lastStep,
      final: true,
      summaries,
      columns,
    })
  }

  #carry(place: number, state: MemberState, frame: DeltaFrame | AnchorFrame): void {
    const assembly = this.#columns.assembly(state, frame)
    if (frame.kind === 'delta' && frame.metrics && assembly.unused === undefined) {
      this.#metrics(frame, frame.metrics)
    }
    this.#columns.take(place, state, assembly, frame)
    this.#whileComplete()
  }

  #tangent(place: number, state: MemberState, frame: TangentFrame): void {
    if (seenBefore(state, frame.kind, frame.step)) return
    try {
      this.#tangents.take(place, state, frame)
    } catch (error) {
      throw located(error, frame)
    }
  }

  #whileComplete(): void {
    const { block, emit } = this.#settings
    while (this.#timeline.complete >= block) {
      const report = emits(this.#analysis.state.blocks, emit.every)
      const from = this.#timeline.entries[0]!.step
      const columns = columnViews(this.#analysis, this.#timeline, block)
      const summaries = this.#advance(block, true, report)
      if (report) summaries.push(...this.#report.metrics(this.#standing))
      const { run } = this.plan.open
      this.#emit({ run, from, to: this.#state.lastStep, final: false, summaries, columns })
    }
  }

  #advance(length: number, commit: boolean, report: boolean): Summary[] {
    const state = this.#state
    const entry = this.#timeline.entries[length - 1]
    if (entry) state.lastStep = entry.step
    if (entry?.epoch !== undefined) state.lastEpoch = entry.epoch
    const outcomes = this.#analysis.advance(length, commit, report)
    if (!report) return []
    state.reported = this.#analysis.state.blocks
    return outcomes.flatMap(({ stage, outcomes: own }) =>
      this.#report.stage(this.#standing, stage, own)
    )
  }

  #metrics(
    { member, step, epoch }: { member: number; step: number; epoch?: number },
    metrics: Metrics
  ): void {
    this.#report.record({ member, step, epoch, metrics })
    if (Object.values(metrics).every(Number.isFinite)) return
    const summaries = this.#report.metrics(this.#standing, member)
    const { run } = this.plan.open
    this.#emit({ run, from: step, to: step, final: false, summaries, columns: [] })
  }

  #runSummary(end: string, alerts: readonly Alert[]): Summary {
    const { plan } = this
    const state = this.#state
    const { blocks, before } = this.#analysis.state
    const values = {
      frames: state.frames,
      bytes: state.bytes,
      steps: this.#members[0]!.steps,
      recorded: before + this.#timeline.entries.length,
      blocks,
      end,
      parameters: plan.parameters,
      tensors: plan.tensors,
      members: plan.open.members,
      memory: plan.bytes,
    }
    return this.#report.summary(this.#standing, 'run', 'run', 'model', 0, values, [
      ...this.#report.state.alerts,
      ...alerts,
    ])
  }

  get #standing(): Standing {
    const { lastStep: step, lastEpoch: epoch, frames } = this.#state
    return { step, epoch, frames }
  }
}

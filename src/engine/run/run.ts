import type { ThalwegError } from '../../error.ts'
import { type RulesState, RuleWatch } from '../../rules/watch.ts'
import type { FigureValues } from '../../spec/figures.ts'
import type { Frame, Metrics, OpenFrame } from '../../wire/frame.ts'
import type { StreamPlace } from '../../wire/run-state.ts'
import { Analysis } from '../analysis/analysis.ts'
import { columnViews } from '../analysis/views.ts'
import { Intake } from '../intake/intake.ts'
import { type Notice, Notices } from '../intake/notices.ts'
import { planRun } from '../planning/fit.ts'
import type { RunPlan } from '../planning/plan.ts'
import type { Settings } from '../settings/settings.ts'
import { type Share, wholeRun } from '../shards/drive.ts'
import { Shards } from '../shards/shards.ts'
import type { Alert, AnalysedBlock, StandingAlert, Summary } from '../summary.ts'
import { endAlerts, engineAlert, planAlerts } from './alerts.ts'
import { emits } from './emission.ts'
import { type HeldAlert, Report, type Standing } from './report.ts'
import type { runSpec } from './specs.ts'
import { Trainer } from './trainer.ts'

type End = FigureValues<typeof runSpec.figures>['end']

/** What a run counts beside what it keeps per member: plain data, saved unchanged. */
interface RunState {
  frames: number
  bytes: number
  closed: boolean
  lastStep: number
  lastEpoch?: number
  /** Number of blocks when stages last reported; -1 before the first report. */
  reported: number
}

/** All of a run's state that is not in the shards' memories, as plain data. */
interface PlainState {
  readonly run: RunState
  readonly intake: Intake['state']
  readonly place: Shards['place']
  readonly notices: readonly Notice[]
  readonly alerts: readonly Alert[]
  readonly held: readonly HeldAlert[]
  readonly trainer: Trainer['state']
  readonly rules: RulesState
}

/**
 * One run of a stream. It takes the run's frames and emits the summaries of the blocks that they fill.
 *
 * @example
 * ```ts
 * let run: Run | undefined
 * for await (const frame of readFrames(chunks)) {
 *   if (frame.kind === 'open') run = new Run(frame, settingsOf({}, svd()), (block) => take(block.summaries))
 *   else run!.push(frame)
 * }
 * ```
 */
export class Run {
  readonly shards: Shards
  readonly intake: Intake
  readonly #settings: Settings
  readonly #emit: (block: AnalysedBlock) => void
  readonly #notices = new Notices()
  readonly #analysis: Analysis
  readonly #report: Report
  readonly #trainer: Trainer
  readonly #rules: RuleWatch
  /** Alerts that stood when the run was loaded, until they are emitted. */
  readonly #before: StandingAlert[] = []
  readonly #state: RunState

  /** Plans and reserves everything. It throws before any payload is taken if that is impossible. */
  constructor(
    open: OpenFrame,
    settings: Settings,
    emit: (block: AnalysedBlock) => void,
    share: Share = wholeRun
  ) {
    this.#settings = settings
    this.#rules = new RuleWatch(settings.rules)
    this.#emit = (block) => {
      const standing = block.summaries.length > 0 ? this.#before.splice(0) : []
      const summaries = this.#rules.applied(block.summaries)
      emit({ ...block, summaries, ...(standing.length > 0 && { standing }), open })
    }
    this.shards = new Shards(planRun(open, settings), share)
    this.intake = new Intake(this.shards, this.#notices, (frame, metrics) =>
      this.#metrics(frame, metrics)
    )
    this.#analysis = new Analysis(this.shards, this.intake)
    this.#report = new Report(this.plan, this.#notices)
    this.#trainer = new Trainer(settings.limits.metrics, (message) =>
      this.#report.alerts.push(engineAlert('metrics/names', message))
    )
    this.#state = { frames: 0, bytes: open.bytes, closed: false, lastStep: 0, reported: -1 }
    this.#report.alerts.push(...planAlerts(this.plan))
  }

  get plan(): RunPlan {
    return this.shards.plan
  }

  /** Takes a frame of this run. Its payloads are copied before this returns. */
  push(frame: Exclude<Frame, OpenFrame>): void {
    this.#state.bytes += frame.bytes
    if (frame.kind === 'close') {
      this.#state.closed = true
      return
    }
    this.#state.frames++
    this.intake.take(frame)
    this.#whileComplete()
  }

  /** The place in the stream after the last frame that was taken. */
  get place(): StreamPlace {
    const { open } = this.plan
    const { frames, bytes } = this.#state
    return { open, frames, offset: open.offset + bytes }
  }

  /** Number of blocks analysed so far. */
  get blocks(): number {
    return this.shards.place.index
  }

  plain(): unknown {
    const plain: PlainState = {
      run: this.#state,
      intake: this.intake.state,
      place: this.shards.place,
      notices: this.#notices.held,
      alerts: this.#report.alerts,
      held: this.#report.held,
      trainer: this.#trainer.state,
      rules: this.#rules.state,
    }
    return plain
  }

  /**
   * Restores what `plain` returned.
   *
   * @param seen whether steps that were seen before may come again; they are skipped and counted
   */
  resume(plain: unknown, alerts: readonly Alert[], seen: boolean): void {
    const saved = plain as PlainState
    Object.assign(this.#state, saved.run)
    Object.assign(this.shards.place, saved.place)
    this.intake.resume(saved.intake)
    if (seen) this.intake.join()
    this.#notices.held.push(...saved.notices)
    this.#report.alerts.splice(0, Infinity, ...saved.alerts, ...alerts)
    this.#report.held.push(...saved.held)
    this.#trainer.resume(saved.trainer)
    this.#rules.resume(saved.rules)
    this.#before.push(...this.#rules.standing)
  }

  /** Ends the run: emits the summaries of the unfinished block, and the run's own summary. */
  end(failure?: ThalwegError): void {
    const end = failure ? 'failed' : this.#state.closed ? 'closed' : 'truncated'
    this.intake.end()
    const { block } = this.#settings
    const { entries } = this.intake.timeline
    const summaries: Summary[] = []
    const columns = columnViews(this.shards, this.intake.timeline, entries.length)
    const from = entries[0]?.step
    try {
      while (entries.length > block) summaries.push(...this.#advance(block, true, true))
      const { length } = entries
      if (length > 0 || this.#state.reported < this.blocks) {
        summaries.push(...this.#advance(length, length === block, true))
      }
    } catch (error) {
      if (!failure) throw error
    }
    summaries.push(...this.#trained(), this.#runSummary(end, failure))
    this.#emit({
      run: this.plan.open.run,
      from: from ?? this.#state.lastStep,
      to: this.#state.lastStep,
      final: true,
      summaries,
      columns,
    })
  }

  #whileComplete(): void {
    const { block, emit } = this.#settings
    const { timeline } = this.intake
    while (timeline.complete >= block) {
      const report = emits(this.blocks, emit.every)
      const from = timeline.entries[0]!.step
      const columns = columnViews(this.shards, timeline, block)
      const summaries = this.#advance(block, true, report)
      if (report) summaries.push(...this.#trained())
      const { run } = this.plan.open
      this.#emit({ run, from, to: this.#state.lastStep, final: false, summaries, columns })
    }
  }

  #advance(length: number, commit: boolean, report: boolean): Summary[] {
    const state = this.#state
    const entry = this.intake.timeline.entries[length - 1]
    if (entry) state.lastStep = entry.step
    if (entry?.epoch !== undefined) state.lastEpoch = entry.epoch
    const outcomes = this.#analysis.advance(length, commit, report)
    if (!report) {
      for (const { stage, outcomes: own } of outcomes) this.#report.hold(stage, own)
      return []
    }
    state.reported = this.blocks
    return outcomes.flatMap(({ stage, outcomes: own }) =>
      this.#report.stage(this.#standing, stage, own)
    )
  }

  /** The trainer's figures that have come since they were last written. */
  #trained(): Summary[] {
    return this.#trainer.take().map((figures) => this.#report.trainer(this.#standing, figures))
  }

  #metrics(
    { member, step, epoch }: { member: number; step: number; epoch?: number },
    metrics: Metrics
  ): void {
    const kept = this.#trainer.record({ member, step, epoch, metrics })
    if (Object.values(kept).every(Number.isFinite)) return
    const figures = { member, step, epoch, metrics: kept }
    const summaries = [this.#report.trainer(this.#standing, figures)]
    const { run } = this.plan.open
    this.#emit({ run, from: step, to: step, final: false, summaries, columns: [] })
  }

  #runSummary(end: End, failure: ThalwegError | undefined): Summary {
    const { plan } = this
    const { frames, bytes } = this.#state
    const { place } = this.shards
    const values: FigureValues<typeof runSpec.figures> = {
      frames,
      bytes,
      steps: this.intake.members[0]!.steps,
      recorded: place.before + this.intake.timeline.entries.length,
      blocks: place.index,
      end,
      parameters: plan.parameters,
      tensors: plan.tensors,
      members: plan.open.members,
      memory: plan.bytes,
    }
    return this.#report.end(this.#standing, values, endAlerts(end, failure))
  }

  get #standing(): Standing {
    const { lastStep: step, lastEpoch: epoch, frames } = this.#state
    return { step, epoch, frames }
  }
}

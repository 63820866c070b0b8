// Runs a stage in the real engine over deltas given as plain numbers, and hands back its summaries.
import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import { type Summary, summaryLine } from '../../src/engine/summary.ts'
import type { StageValue } from '../../src/stage/define.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame } from '../engine/frames.ts'
import { expectSchemas } from '../support/summaries.ts'

type Rows = ArrayLike<number>

export interface Recording {
  /** Rows of each tensor; default: one tensor `w` as long as the deltas. */
  readonly tensors?: readonly { readonly name: string; readonly rows: number }[]
  readonly dtype?: 'f32' | 'f64'
  /** Absolute weights of each member before the first step. */
  readonly anchors?: readonly Rows[]
  /** `deltas[member][step]`: one row per parameter, all tensors one after another. */
  readonly deltas: readonly (readonly Rows[])[]
  readonly open?: Partial<OpenFrame>
}

export interface Outcome {
  /** The stage's summaries, each emission in turn; the last one is the final one. */
  readonly summaries: readonly Summary[]
  readonly error: unknown
}

/** The frames of a recording: open, anchors at step 0, each step's deltas member by member, close. */
export function framesOf(recording: Recording): Frame[] {
  const { deltas, anchors = [], dtype = 'f32' } = recording
  const rows = (anchors[0] ?? deltas[0]![0]!).length
  const tensors = recording.tensors ?? [{ name: 'w', rows }]
  const split = (values: Rows): Uint8Array[] => {
    const all = Array.from(values)
    let at = 0
    return tensors.map((tensor) => {
      at += tensor.rows
      return bytes(all.slice(at - tensor.rows, at), dtype)
    })
  }
  const frames: Frame[] = [
    openFrame(
      tensors.map((tensor) => ({ name: tensor.name, shape: [tensor.rows], dtype })),
      { members: deltas.length, coupled: true, ...recording.open }
    ),
  ]
  anchors.forEach((weights, member) => {
    frames.push(anchor(0, split(weights), { member }))
  })
  const steps = Math.max(...deltas.map((own) => own.length))
  for (let j = 0; j < steps; j++) {
    deltas.forEach((own, member) => {
      if (j < own.length) frames.push(delta(j + 1, split(own[j]!), { member, base: j }))
    })
  }
  frames.push(close(frames.length - 1))
  return frames
}

/** Analyses frames with one stage. */
export function analyseFrames(
  frames: readonly Frame[],
  stage: StageValue,
  options: AnalyseOptions = {}
): Outcome {
  const summaries: Summary[] = []
  let error: unknown
  from(frames)
    .pipe(analyse(options, stage))
    .subscribe({
      next: (block) =>
        summaries.push(...block.summaries.filter(({ type }) => type === stage.definition.type)),
      error: (thrown: unknown) => {
        error = thrown
      },
    })
  expectSchemas(summaries.map(summaryLine))
  return { summaries, error }
}

export const analyseRecording = (
  recording: Recording,
  stage: StageValue,
  options: AnalyseOptions = {}
): Outcome => analyseFrames(framesOf(recording), stage, options)

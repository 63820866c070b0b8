// Streams of members that follow a map, and what the stage makes of them.
import type { AnalyseOptions } from '../../../src/analyse.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { analyseFrames, framesOf, type Recording } from '../harness.ts'

export type State = readonly number[]

/** States of a member under a map: its start and one a step. */
export function orbit(
  start: State,
  steps: number,
  map: (w: State, step: number) => State
): State[] {
  const states = [start]
  for (let t = 1; t <= steps; t++) states.push(map(states[t - 1]!, t))
  return states
}

export interface StreamOptions {
  readonly dtype?: 'f32' | 'f64'
  readonly open?: Partial<OpenFrame>
  readonly tensors?: Recording['tensors']
}

/** The members' states as frames: anchors at step 0, then deltas, members taking turns. */
export function stream(members: readonly State[][], options: StreamOptions = {}): Frame[] {
  return framesOf({
    dtype: 'f64',
    ...options,
    anchors: members.map((states) => states[0]!),
    deltas: members.map((states) =>
      states.slice(1).map((state, t) => state.map((value, i) => value - states[t]![i]!))
    ),
  })
}

export interface FtleValues {
  readonly method: string
  readonly exponents: readonly number[]
  readonly intervals: readonly ([number, number] | null)[]
  readonly window: [number, number] | null
  readonly windows: readonly ([number, number] | null)[]
  readonly efoldings: number
  readonly verdict: string
  readonly latest: string
  readonly evidence: number
  readonly evenParts: number
  readonly burstShare: number
  readonly sizeRatio: number
  readonly sizeDifference: number
  readonly paceGain: number
  readonly nmle: number
  readonly nmleWindow: [number, number] | null
  readonly powerLawExponent: number
  readonly powerLawDeltaAic: number
  readonly floor: number
  readonly saturation: number
  readonly rates: readonly number[]
  readonly rateIntervals: readonly ([number, number] | null)[]
  readonly distances: readonly number[]
  readonly separations?: { steps: number[]; values: number[][] }
  readonly separationSums?: { steps: number[]; values: number[][] }
  readonly why: string
}

export interface Analysed {
  /** One for each emission of each scope, the last one last. */
  readonly all: readonly FtleValues[]
  readonly last: FtleValues
  readonly alerts: readonly string[]
  readonly error: unknown
}

/** Runs the stage over frames. */
export function analysed(
  frames: readonly Frame[],
  stage: Parameters<typeof ftle>[0] = {},
  options: AnalyseOptions = {}
): Analysed {
  const { summaries, error } = analyseFrames(frames, ftle(stage), options)
  const all = summaries.map((summary) => summary.values as unknown as FtleValues)
  const alerts = summaries.at(-1)?.alerts.map((alert) => alert.id) ?? []
  return { all, last: all.at(-1)!, alerts, error }
}

/** Two coordinates turned by an angle, so that no axis is special. */
export function turned([x, y]: State, angle = 0.7): State {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return [c * x! - s * y!, s * x! + c * y!]
}

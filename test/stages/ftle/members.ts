// Streams of members that follow a map, and what the stage makes of them.
import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../../src/engine/analyse.ts'
import type { AnalysedBlock } from '../../../src/engine/summary.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame } from '../../engine/frames.ts'

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
  /** Leaves a frame out, or gives another in its place. */
  readonly edit?: (frame: Frame) => Frame | readonly Frame[]
}

/** The members' states as frames: anchors at step 0, then deltas, members taking turns. */
export function stream(members: readonly State[][], options: StreamOptions = {}): Frame[] {
  const { dtype = 'f64', open = {}, edit = (frame) => frame } = options
  const elements = members[0]![0]!.length
  const frames: Frame[] = [
    openFrame([{ name: 'w', shape: [elements], dtype }], {
      members: members.length,
      coupled: true,
      ...open,
    }),
  ]
  const take = (frame: Frame): void => {
    frames.push(...[edit(frame)].flat())
  }
  members.forEach((states, member) => {
    take(anchor(0, [bytes(states[0]!, dtype)], { member }))
  })
  for (let t = 1; t < members[0]!.length; t++) {
    members.forEach((states, member) => {
      const change = states[t]!.map((value, i) => value - states[t - 1]![i]!)
      take(delta(t, [bytes(change, dtype)], { member, base: t - 1 }))
    })
  }
  return [...frames, close(frames.length)]
}

export interface FtleValues {
  readonly method: string
  readonly exponents: readonly (number | null)[]
  readonly intervals: readonly ([number, number] | null)[]
  readonly window: [number, number] | null
  readonly windows: readonly ([number, number] | null)[]
  readonly efoldings: number
  readonly verdict: string
  readonly powerLaw: { exponent: number; deltaAic: number } | null
  readonly floor: number
  readonly saturation: number
  readonly distances: readonly number[]
  readonly separations?: { steps: number[]; l2?: number[][]; l1?: number[][] }
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
  const blocks: AnalysedBlock[] = []
  let error: unknown
  from(frames)
    .pipe(analyse(options, ftle(stage)))
    .subscribe({
      next: (block) => blocks.push(block),
      error: (e: unknown) => {
        error = e
      },
    })
  const summaries = blocks
    .flatMap((block) => block.summaries)
    .filter((summary) => summary.type === 'ftle')
  const all = summaries.map((summary) => summary.values as unknown as FtleValues)
  return {
    all,
    last: all.at(-1)!,
    alerts: summaries.at(-1)?.alerts.map((alert) => alert.id) ?? [],
    error,
  }
}

/** Two coordinates turned by an angle, so that no axis is special. */
export function turned([x, y]: State, angle = 0.7): State {
  const [c, s] = [Math.cos(angle), Math.sin(angle)]
  return [c * x! - s * y!, s * x! + c * y!]
}

import { createReadStream } from 'node:fs'
import { settingsOf } from '../../analyse.ts'
import { Runs } from '../../engine/run/runs.ts'
import { ThalwegError } from '../../error.ts'
import { phases } from '../../stages/phases/index.ts'
import { metricNames } from '../../stages/phases/model.ts'
import { lookOf, type PhasesValues } from '../../stages/phases/spec.ts'
import type { Frame } from '../../wire/frame.ts'
import { FrameReader, readFrames } from '../../wire/reader.ts'
import { chunks } from '../chunks.ts'
import type { Sequence } from './sequences.ts'

/** A metric of the trainer, and the value at which a run counts as converged. */
export interface Threshold {
  readonly metric: string
  readonly isPassed: (value: number) => boolean
}

export interface Looks {
  readonly every: number
  readonly of: 'steps' | 'epochs' | 'anchors'
}

/** The metrics of each run in a recorded stream, at every look. */
export async function sequencesOf(
  path: string,
  look: Looks,
  threshold?: Threshold
): Promise<Sequence[]> {
  const settings = settingsOf({ block: 1, emit: { every: 1 } }, phases({ look }))
  const found: { run: string; steps: number[]; looks: Float64Array[]; converged?: number }[] = []
  const runs = new Runs(settings, ({ summaries }) => {
    for (const { type, values } of summaries) {
      if (type !== phases.definition.type) continue
      const own = values as unknown as PhasesValues
      const sequence = found.at(-1)!
      const isNew = own.looks > 0 && own.lookedAt !== sequence.steps.at(-1)
      if (!isNew) continue
      sequence.steps.push(own.lookedAt)
      sequence.looks.push(lookOf(own))
    }
  })
  const input = createReadStream(path)
  try {
    const read = chunks(input, new AbortController().signal, `file "${path}"`)
    for await (const frame of readFrames(read, new FrameReader())) {
      if (frame.kind === 'open') found.push({ run: frame.run, steps: [], looks: [] })
      runs.take(frame)
      const sequence = found.at(-1)
      if (sequence && threshold) sequence.converged ??= convergedAt(frame, threshold)
    }
    runs.end()
  } finally {
    input.destroy()
  }
  return found.map((sequence) => checked(sequence, path))
}

function convergedAt(frame: Frame, { metric, isPassed }: Threshold): number | undefined {
  if (frame.kind !== 'delta' && frame.kind !== 'metrics') return undefined
  if ((frame.member ?? 0) !== 0) return undefined
  const value = frame.metrics?.[metric]
  return value !== undefined && isPassed(value) ? frame.step : undefined
}

/** Checks that a run can be used for a fit: it has enough looks, and all metrics are known at each. */
function checked(sequence: Sequence, path: string): Sequence {
  const { run, looks } = sequence
  if (looks.length < 3) {
    throw new ThalwegError(
      'E_INPUT',
      `file "${path}": run "${run}" was looked at ${looks.length} times, and three is the least. Look more often with --every.`
    )
  }
  const unknown = metricNames.filter((_, i) => looks.some((look) => !Number.isFinite(look[i]!)))
  if (unknown.length > 0) {
    throw new ThalwegError(
      'E_INPUT',
      `file "${path}": run "${run}" has no finite ${unknown.join(', ')}. Phases need matrices and biases with finite weights.`
    )
  }
  return sequence
}

import { type Frame, type OpenFrame, Run, StateLoader, saveState, summaryLine } from 'thalweg'
import { type Case, digest, same } from './case.ts'
import { framesOf, joined, settingsOf } from './streams.ts'

type Later = Exclude<Frame, OpenFrame>

const settings = () =>
  settingsOf({
    emit: { every: 1 },
    stages: [
      { type: 'health' },
      { type: 'svd', rank: 6 },
      { type: 'cmd', modes: 6, warmup: 24, samples: 200 },
      { type: 'svd', id: 'positions', of: 'positions', rank: 3, forget: 0.98 },
      {
        type: 'cmd',
        id: 'recent',
        modes: 4,
        warmup: 7,
        forget: 0.98,
        look: { steps: 3 },
        choose: 9,
      },
      { type: 'ftle' },
    ],
  })

/** A run that can be saved: what it emitted, the frames it took, and what it is now. */
class Recorded {
  readonly lines: string[] = []
  readonly run: Run

  constructor(from: OpenFrame | Uint8Array) {
    const emit: ConstructorParameters<typeof Run>[2] = ({ summaries }) => {
      this.lines.push(...summaries.map(summaryLine))
    }
    if ('kind' in from) this.run = new Run(from, settings(), emit)
    else {
      const loader = new StateLoader(settings(), emit)
      for (let at = 0; at < from.length; at += 777) loader.push(from.subarray(at, at + 777))
      this.run = loader.finish()
    }
  }

  end(): string[] {
    this.run.end()
    return this.lines
  }
}

/** Where the run is cut: before the first frame, between blocks, in the midst of one, between a step's members, late. */
const cuts = [0, 2, 7, 34, 35, 58, 99, 144]

/**
 * Saved, loaded and gone on with, a run says what it would have said; a peek at the loaded one does not show in the
 * saved one. A state's bytes are the same everywhere, so that one runtime can go on where another stopped.
 */
export const state: Case = {
  name: 'state: save, load and peek between blocks and in the midst of them',
  *lines(recording) {
    const uninterrupted = ended(recording, [])
    for (const cut of cuts) {
      const states: Uint8Array[] = []
      const lines = ended(recording, [cut], states)
      same(`cut before frame ${cut}`, lines, uninterrupted)
      const [bytes] = states as [Uint8Array]
      yield `frame ${cut}: ${bytes.length} bytes ${digest(bytes)}`
      yield* new Recorded(bytes).end()
    }
    same('cut everywhere', ended(recording, cuts), uninterrupted)
    yield* uninterrupted
  },
}

/** The lines of a run that is saved and loaded before these frames. */
function ended(
  recording: Uint8Array,
  cuts: readonly number[],
  states: Uint8Array[] = []
): string[] {
  const [open, ...rest] = framesAt(recording) as [OpenFrame, ...Later[]]
  let recorded = new Recorded(open)
  const lines: string[] = []
  rest.forEach((frame, i) => {
    if (cuts.includes(i)) {
      const bytes = joined(saveState(recorded.run))
      states.push(bytes)
      lines.push(...recorded.lines)
      recorded = new Recorded(bytes)
    }
    recorded.run.push(frame)
  })
  return [...lines, ...recorded.end()]
}

/** All frames of a recording at once: their payloads are views of it. */
const framesAt = (recording: Uint8Array): Frame[] => [...framesOf(recording)]

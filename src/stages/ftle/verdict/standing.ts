import { type Arena, type Header, headerBytes, openHeader } from '../../../stage/index.ts'
import type { FtleValues } from '../spec.ts'
import { type Said, type Verdict, verdicts } from './names.ts'

const shape = {
  words: ['verdict', 'weight', 'rival', 'since', 'latest', 'due'] as const,
  lists: {},
}

/** The standing verdict, and what it rests on. */
export interface Stand {
  readonly verdict: Verdict
  /** The largest number of steps that it was read from. */
  readonly weight: number
  /** A different verdict, given by all looks since some time. */
  readonly rival: Verdict
  readonly since: number
  /** The verdict of the last look. */
  readonly latest: Verdict
}

/** What stands while two looks do not agree yet: `chaotic` and `diverging` both include growth. */
const weaker: Partial<Record<Verdict, Verdict>> = {
  chaotic: 'expanding',
  diverging: 'expanding',
  expanding: 'insufficient',
  contracting: 'insufficient',
  neutral: 'insufficient',
}

/**
 * The standing verdict after a look. A verdict needs two looks in a row. It is replaced only if all looks give the same other verdict over
 * as many steps as it was read from itself. There are two exceptions: `insufficient` and `neutral`, which say that nothing was seen, are
 * replaced after two looks; and so are `expanding` and the stronger verdicts about growth, by one another, if that takes back less.
 *
 * @param time steps so far
 * @param steps that the look read
 */
export function hear(stand: Stand, said: Verdict, steps: number, time: number): Stand {
  const isConfirmed = said === stand.latest || said === stand.verdict
  const verdict = isConfirmed ? said : (weaker[said] ?? said)
  const next = { latest: said, rival: verdict, since: time }
  if (verdict === stand.verdict) {
    return { ...next, verdict, weight: Math.max(stand.weight, steps) }
  }
  const since = stand.rival === verdict ? stand.since : time
  if (yields(stand.verdict, verdict, isConfirmed) || time - since >= stand.weight) {
    return { ...next, verdict, weight: steps }
  }
  return { ...next, verdict: stand.verdict, weight: stand.weight, since }
}

function yields(from: Verdict, to: Verdict, isConfirmed: boolean): boolean {
  switch (from) {
    case 'insufficient':
    case 'no-perturbation':
      return true
    case 'neutral':
      return isConfirmed
    case 'expanding':
      return to === 'chaotic' || to === 'diverging'
    case 'diverging':
      return to === 'expanding'
    default:
      return false
  }
}

export type StandingValues = Pick<FtleValues, 'verdict' | 'latest' | 'evidence' | 'why'>

/** A summary's values for the standing verdict, after a look with a verdict and a reason. */
export function standingValues(
  { verdict, weight }: Stand,
  { verdict: latest, why }: Said
): StandingValues {
  const last = `the last look says "${latest}": ${why}`
  const reason =
    verdict === latest
      ? why
      : verdict === 'insufficient' || verdict === 'neutral'
        ? `two looks must agree, and ${last}`
        : `"${verdict}" was read from ${weight} steps and stands until looks have said otherwise for as long; ${last}`
  return { verdict, latest, evidence: weight, why: reason }
}

/** The standing verdict in a stage's header region, and when the next look is due. */
export class Standing {
  readonly #header: Header<typeof shape>

  static readonly bytes = headerBytes(shape)

  constructor(arena: Arena, address: number) {
    this.#header = openHeader(arena, address, shape)
  }

  get stand(): Stand {
    const { verdict, weight, rival, since, latest } = this.#header
    return {
      verdict: verdicts[verdict]!,
      weight,
      rival: verdicts[rival]!,
      since,
      latest: verdicts[latest]!,
    }
  }

  /** Whether there are enough points for another look: an eighth more than at the last one. */
  isDue(points: number): boolean {
    return points >= this.#header.due
  }

  keep({ verdict, weight, rival, since, latest }: Stand, points: number): void {
    const header = this.#header
    header.verdict = verdicts.indexOf(verdict)
    header.weight = weight
    header.rival = verdicts.indexOf(rival)
    header.since = since
    header.latest = verdicts.indexOf(latest)
    header.due = points * 1.125
  }
}

import type { AnyValues } from '../../spec/figures.ts'
import type { Metrics } from '../../wire/frame.ts'

/** Figures of a member, and where they came last. */
export interface Figures {
  readonly member: number
  readonly step: number
  readonly epoch?: number
  readonly metrics: Metrics
}

/** What of the trainer's figures is not written yet, and all names so far: plain data, saved as it is. */
interface TrainerState {
  readonly figures: readonly Figures[]
  readonly names: readonly string[]
  /** Whether a name was left out. */
  readonly isFull: boolean
}

interface Latest {
  readonly step: number
  readonly epoch?: number
  readonly metrics: Map<string, number>
}

/**
 * The trainer's own figures by member: of each name the last since they were written. Distinct names are limited over the
 * whole run, so that neither memory nor lines grow with what a trainer thinks of calling them.
 */
export class Trainer {
  readonly #most: number
  readonly #warn: (message: string) => void
  readonly #names = new Set<string>()
  readonly #latest = new Map<number, Latest>()
  #isFull = false

  /**
   * @param most distinct names that are kept
   * @param warn is told once, when there are more
   */
  constructor(most: number, warn: (message: string) => void) {
    this.#most = most
    this.#warn = warn
  }

  /** Takes a frame's figures; gives those whose names are kept. */
  record({ member, step, epoch, metrics }: Figures): Metrics {
    const kept = Object.entries(metrics).filter(([name]) => this.#keeps(name, step))
    const known = this.#latest.get(member)?.metrics ?? new Map<string, number>()
    for (const [name, value] of kept) known.set(name, value)
    if (known.size > 0) this.#latest.set(member, { step, epoch, metrics: known })
    return Object.fromEntries(kept)
  }

  /** Hands over what has come since the last call. */
  take(): Figures[] {
    const figures = this.#figures()
    this.#latest.clear()
    return figures
  }

  get state(): TrainerState {
    return { figures: this.#figures(), names: [...this.#names], isFull: this.#isFull }
  }

  resume({ figures, names, isFull }: TrainerState): void {
    for (const { member, metrics, ...place } of figures) {
      this.#latest.set(member, { ...place, metrics: new Map(Object.entries(metrics)) })
    }
    for (const name of names) this.#names.add(name)
    this.#isFull = isFull
  }

  #figures(): Figures[] {
    return [...this.#latest].map(([member, { metrics, ...place }]) => ({
      member,
      ...place,
      metrics: Object.fromEntries(metrics),
    }))
  }

  #keeps(name: string, step: number): boolean {
    if (this.#names.has(name)) return true
    if (this.#names.size < this.#most) {
      this.#names.add(name)
      return true
    }
    if (!this.#isFull) {
      this.#isFull = true
      this.#warn(
        `step ${step} brings more than ${this.#most} names of metrics: those that are new are left out from here on. Call the same figure the same, or raise "limits.metrics"`
      )
    }
    return false
  }
}

/**
 * Figures as a summary's values: under the trainer's names, and in `why` what is not finite. A figure that is itself called
 * `why` is written as `metrics.why`, one called that as `metrics.metrics.why`, and so on.
 */
export function valuesOf(metrics: Metrics): AnyValues {
  const entries = Object.entries(metrics)
  const why = entries
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name, value]) => `${name} is ${value}`)
  const named = entries.map(([name, value]): [string, number] => [
    /^(metrics\.)*why$/.test(name) ? `metrics.${name}` : name,
    value,
  ])
  return Object.fromEntries(why.length > 0 ? [...named, ['why', why.join('; ')]] : named)
}

import type { AnyValues } from '../../spec/figures.ts'
import type { Metrics } from '../../wire/frame.ts'

/** Figures of a member, and the step and epoch at which they last came. */
export interface Figures {
  readonly member: number
  readonly step: number
  readonly epoch?: number
  readonly metrics: Metrics
}

/** The trainer's figures that are not written yet, and all names so far: plain data, saved unchanged. */
interface TrainerState {
  readonly figures: readonly Figures[]
  readonly names: readonly string[]
  /** Whether a name has been left out. */
  readonly isFull: boolean
}

interface Latest {
  readonly step: number
  readonly epoch?: number
  readonly metrics: Map<string, number>
}

/**
 * The trainer's own figures by member: for each name the last value since they were written. The number of distinct names is
 * limited over the whole run. So neither memory nor lines grow with the names that a trainer chooses.
 */
export class Trainer {
  readonly #most: number
  readonly #warn: (message: string) => void
  readonly #names = new Set<string>()
  readonly #latest = new Map<number, Latest>()
  #isFull = false

  /**
   * @param most number of distinct names that are kept
   * @param warn called once, when there are more
   */
  constructor(most: number, warn: (message: string) => void) {
    this.#most = most
    this.#warn = warn
  }

  /** Takes a frame's figures. Returns those whose names are kept. */
  record({ member, step, epoch, metrics }: Figures): Metrics {
    const kept = Object.entries(metrics).filter(([name]) => this.#keeps(name, step))
    const known = this.#latest.get(member)?.metrics ?? new Map<string, number>()
    for (const [name, value] of kept) known.set(name, value)
    if (known.size > 0) this.#latest.set(member, { step, epoch, metrics: known })
    return Object.fromEntries(kept)
  }

  /** Hands over the figures that have come since the last call. */
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
 * Figures as a summary's values: under the trainer's names, with non-finite ones explained in `why`. A figure that is itself called
 * `why` is written as `metrics.why`, one called `metrics.why` as `metrics.metrics.why`, and so on.
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

import { randomBytes } from 'node:crypto'
import type { AnalysedBlock, Summary, SummarySpecs } from '../../engine/summary.ts'
import { Latest } from '../../sinks/prometheus/latest.ts'
import { prometheusText } from '../../sinks/prometheus/text.ts'
import { Listener } from '../../sinks/report/model/hear.ts'
import type { Told } from '../../sinks/report/model/picture.ts'

/** How many bytes of events are kept for readers that reconnect. */
const keptBytes = 8 * 2 ** 20

interface Kept {
  readonly number: number
  readonly text: string
}

/** The figures that an open page gets about the speed of the run. */
export interface Pace {
  readonly step: number
  readonly framesPerSecond: number
  readonly lagMs: number
}

/**
 * Passes summaries on to pages. It keeps a picture of everything so far for a page that opens now, the last events for a page
 * that lost its connection for a while, and the newest figures for Prometheus. The size of each is limited.
 */
export class Feed {
  readonly #specs: SummarySpecs
  readonly #listener: Listener
  readonly #latest = new Latest()
  /** Prefix of each number, so that a page of an earlier feed gets everything again. */
  readonly #name = randomBytes(4).toString('hex')
  readonly #kept: Kept[] = []
  readonly #readers = new Set<(text: string) => void>()
  readonly #types = new Set<string>()
  #bytes = 0
  #number = 0

  constructor(specs: SummarySpecs) {
    this.#specs = specs
    this.#listener = new Listener(specs)
  }

  /** Whether nothing has come yet. */
  get isEmpty(): boolean {
    return this.#latest.runs.length === 0
  }

  /** The newest figures in Prometheus's format. */
  get metrics(): string {
    return prometheusText(this.#latest, this.#specs)
  }

  get picture() {
    return this.#listener.picture
  }

  /** The place in the events at which the current picture was taken. */
  get place(): string {
    return `${this.#name}-${this.#number}`
  }

  /**
   * @param summaries of one run
   * @param origin where they were read, such as a file
   * @param standing alerts from before them
   */
  add(summaries: readonly Summary[], origin = '', standing?: AnalysedBlock['standing']): void {
    const [first] = summaries
    if (first === undefined) return
    this.#latest.add({ run: first.run, summaries }, origin)
    const heard = this.#listener.hearBlock({ summaries, standing }, origin)
    const told = summaries.flatMap(({ type }) => this.#tellOnce(type))
    this.#keep({ told, heard })
  }

  pace(pace: Pace): void {
    this.#send(`event: pace\ndata: ${JSON.stringify(pace)}\n\n`)
  }

  end(): void {
    this.#send('event: end\ndata: {}\n\n')
  }

  /**
   * Sends a reader everything after a place, or the whole picture if that is no longer kept, and then all new events.
   *
   * @returns a function that stops sending
   */
  read(place: string | undefined, tell: (text: string) => void): () => void {
    const [name, number] = (place ?? '').split('-')
    const after = Number(number)
    const first = this.#kept[0]?.number ?? this.#number + 1
    const isKept = name === this.#name && after >= first - 1 && after <= this.#number
    if (isKept) for (const kept of this.#kept) if (kept.number > after) tell(kept.text)
    if (!isKept) tell(`id: ${this.place}\nevent: resync\ndata: ${JSON.stringify(this.picture)}\n\n`)
    this.#readers.add(tell)
    return () => this.#readers.delete(tell)
  }

  #tellOnce(type: string): Told[] {
    const told = this.picture.told[type]
    if (!told || this.#types.has(type)) return []
    this.#types.add(type)
    return [told]
  }

  #keep(news: object): void {
    this.#number++
    const text = `id: ${this.place}\nevent: news\ndata: ${JSON.stringify(news)}\n\n`
    this.#kept.push({ number: this.#number, text })
    this.#bytes += text.length
    while (this.#bytes > keptBytes) this.#bytes -= this.#kept.shift()!.text.length
    this.#send(text)
  }

  #send(text: string): void {
    for (const tell of this.#readers) tell(text)
  }
}

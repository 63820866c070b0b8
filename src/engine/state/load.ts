import { build } from '../../build.gen.ts'
import { engineAlert } from '../run/alerts.ts'
import { Run } from '../run/run.ts'
import { identity, type Settings, sketchingOfAll } from '../settings/settings.ts'
import { type Share, wholeRun } from '../shards/drive.ts'
import type { Alert, AnalysedBlock } from '../summary.ts'
import { Seal, sealBytes } from './crc32.ts'
import { firstDifference } from './difference.ts'
import { type Header, HeaderReader, refused } from './header.ts'
import { differenceOf, type Piece, pieces, stateLayout } from './pieces.ts'

/**
 * Takes a state chunk by chunk, straight into the memory of the run that it restores.
 *
 * @example
 * ```ts
 * const loader = new StateLoader(settingsOf({}, svd()), (block) => take(block.summaries))
 * for await (const chunk of chunks) loader.push(chunk)
 * const run = loader.finish() // run.place says where the stream continues
 * ```
 */
export class StateLoader {
  readonly #settings: Settings
  readonly #emit: (block: AnalysedBlock) => void
  readonly #seen: boolean
  readonly #share: Share
  readonly #header = new HeaderReader()
  readonly #seal = new Seal()
  #run: Run | undefined
  #targets: Piece[] = []
  #tail: number[] = []
  #host: unknown

  /**
   * @param settings the settings for the rest of the run; they must be those it was saved under
   * @param join how the stream continues: with the very next frame, or from an earlier step, whose frames are skipped and counted
   */
  constructor(
    settings: Settings,
    emit: (block: AnalysedBlock) => void,
    join: 'next' | 'earlier' = 'next',
    share: Share = wholeRun
  ) {
    this.#settings = settings
    this.#emit = emit
    this.#seen = join === 'earlier'
    this.#share = share
  }

  /** What the host saved beside the run. */
  get host(): unknown {
    return this.#host
  }

  /** @throws E_STATE when the bytes are not a state of this layout and these settings */
  push(chunk: Uint8Array): void {
    let rest = chunk
    if (!this.#run) {
      const read = this.#header.push(chunk)
      if (!read) return
      this.#seal.over(read.bytes)
      this.#open(read.header)
      rest = read.rest
    }
    while (rest.length > 0 && this.#targets.length > 0) {
      const target = this.#targets[0]!
      const part = this.#seal.over(rest.subarray(0, target.bytes))
      target.shard?.arena.u8(target.address, part.length).set(part)
      target.address += part.length
      target.bytes -= part.length
      if (target.bytes === 0) this.#targets.shift()
      rest = rest.subarray(part.length)
    }
    if (this.#tail.length + rest.length > sealBytes) throw refused('bytes follow its end')
    this.#tail.push(...rest)
  }

  /** The run, ready for the frame that follows the last one it took before it was saved. */
  finish(): Run {
    if (!this.#run || this.#targets.length > 0 || this.#tail.length < sealBytes) {
      throw refused('it is cut off')
    }
    const sealed = this.#seal.end().every((byte, i) => byte === this.#tail[i])
    if (!sealed) throw refused('its checksum does not fit')
    return this.#run
  }

  #open(header: Header): void {
    const expected = identity(this.#settings)
    if (header.settings !== expected) {
      const difference = firstDifference(JSON.parse(header.settings), JSON.parse(expected))
      throw refused(`it was saved under other settings: ${difference}`)
    }
    const run = new Run(header.open, this.#settings, this.#emit, this.#share)
    const difference = differenceOf(header.regions, stateLayout(run.plan))
    if (difference) {
      const hint =
        sketchingOfAll(this.#settings.stages) === 'when-too-large'
          ? '. By "memory.max" it is a sketch or none: give the one that it was saved under'
          : ''
      throw refused(`its layout is another: ${difference}${hint}`)
    }
    const alerts: Alert[] = []
    if (header.build !== build) {
      const message = `the state was saved by build ${header.build}, this is ${build}`
      alerts.push(engineAlert('run/other-build', message))
    }
    run.resume(header.plain, alerts, this.#seen)
    this.#run = run
    this.#host = header.host
    this.#targets = [...pieces(run.shards, header.slots)]
  }
}

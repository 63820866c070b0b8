import { Packr, Unpackr } from 'msgpackr'
import { build } from '../build.gen.ts'
import { ThalwegError } from '../error.ts'
import type { OpenFrame } from '../wire/frame.ts'
import { crc32 } from './crc32.ts'
import { Run } from './run.ts'
import type { Settings } from './settings.ts'
import type { Shard } from './shard.ts'
import type { Alert } from './stage.ts'
import type { AnalysedBlock } from './summary.ts'

/**
 * A run's state as bytes: "THWG", version, length and CRC-32 of the header (u32 little-endian each), the header in
 * MessagePack, the kept regions of each shard as they lie in memory, a CRC-32 of all before it.
 */
const magic = 0x47574854
const version = 1
const preambleBytes = 16
const chunkBytes = 1 << 20
const headerLimit = 1 << 26

interface Header {
  readonly build: string
  readonly open: OpenFrame
  readonly settings: string
  readonly regions: readonly (readonly [name: string, bytes: number])[][]
  readonly plain: unknown
}

/** What decides the layout and the numbers of a state; the rest of the settings may change between save and load. */
function identity(settings: Settings): string {
  const { select, block, mode, nonFinite, groups, seed, shards, stages } = settings
  const parts = stages.map(({ definition, options }) => ({ type: definition.type, ...options }))
  return JSON.stringify({ select, block, mode, nonFinite, groups, seed, shards, stages: parts })
}

const kept = (shard: Shard) => shard.regions.filter((region) => region.kept && region.bytes > 0)

/**
 * The state of a run between two frames, in chunks of at most 1 MiB that are views of the run's memory: use each before
 * asking for the next, and push no frame meanwhile.
 */
export function* saveState(run: Run): Generator<Uint8Array> {
  const header: Header = {
    build,
    open: run.plan.open,
    settings: identity(run.plan.settings),
    regions: run.shards.map((shard) =>
      kept(shard).map(({ name, bytes }) => [name, bytes] as const)
    ),
    plain: run.plain(),
  }
  const packed = new Packr({ useRecords: false }).pack(header)
  const preamble = new DataView(new ArrayBuffer(preambleBytes))
  preamble.setUint32(0, magic, true)
  preamble.setUint32(4, version, true)
  preamble.setUint32(8, packed.length, true)
  preamble.setUint32(12, crc32(packed), true)
  let crc = 0
  const summed = (bytes: Uint8Array): Uint8Array => {
    crc = crc32(bytes, crc)
    return bytes
  }
  yield summed(new Uint8Array(preamble.buffer))
  for (let i = 0; i < packed.length; i += chunkBytes)
    yield summed(packed.subarray(i, i + chunkBytes))
  for (const shard of run.shards) {
    for (const { name, bytes } of kept(shard)) {
      const address = shard.address(name)
      for (let i = 0; i < bytes; i += chunkBytes) {
        yield summed(shard.arena.u8(address + i, Math.min(chunkBytes, bytes - i)))
      }
    }
  }
  const end = new DataView(new ArrayBuffer(4))
  end.setUint32(0, crc, true)
  yield new Uint8Array(end.buffer)
}

/** Takes a state chunk by chunk, straight into the memory of the run that it makes. */
export class StateLoader {
  private readonly settings: Settings
  private readonly emit: (block: AnalysedBlock) => void
  private head: Uint8Array = new Uint8Array(0)
  private run: Run | undefined
  private targets: { shard: Shard; address: number; bytes: number }[] = []
  private crc = 0
  private tail: number[] = []

  /** @param settings those the run goes on with; they must be the ones it was saved under */
  constructor(settings: Settings, emit: (block: AnalysedBlock) => void) {
    this.settings = settings
    this.emit = emit
  }

  /** @throws E_STATE when the bytes are not a state of this layout and these settings */
  push(chunk: Uint8Array): void {
    let rest = chunk
    if (!this.run) {
      const joined = new Uint8Array(this.head.length + chunk.length)
      joined.set(this.head)
      joined.set(chunk, this.head.length)
      this.head = joined
      const end = this.headerEnd()
      if (end === undefined || this.head.length < end) return
      this.crc = crc32(this.head.subarray(0, end))
      this.open(this.head.subarray(preambleBytes, end))
      rest = this.head.subarray(end)
    }
    while (rest.length > 0 && this.targets.length > 0) {
      const target = this.targets[0]!
      const part = rest.subarray(0, target.bytes)
      target.shard.arena.u8(target.address, part.length).set(part)
      this.crc = crc32(part, this.crc)
      target.address += part.length
      target.bytes -= part.length
      if (target.bytes === 0) this.targets.shift()
      rest = rest.subarray(part.length)
    }
    if (this.tail.length + rest.length > 4) throw refused('bytes follow its end')
    this.tail.push(...rest)
  }

  /** The run, ready for the frame after the last one it took before it was saved. */
  finish(): Run {
    const [a, b, c, d] = this.tail
    if (!this.run || this.targets.length > 0 || d === undefined) throw refused('it is cut off')
    if ((a! | (b! << 8) | (c! << 16) | (d << 24)) >>> 0 !== this.crc)
      throw refused('its checksum does not fit')
    return this.run
  }

  private headerEnd(): number | undefined {
    if (this.head.length < preambleBytes) return undefined
    const preamble = new DataView(this.head.buffer, this.head.byteOffset, preambleBytes)
    const [word, got, length] = [0, 4, 8].map((at) => preamble.getUint32(at, true)) as [
      number,
      number,
      number,
    ]
    if (word !== magic) throw refused('it does not begin as a state')
    if (got !== version) throw refused(`its version is ${got}, expected ${version}`)
    if (length > headerLimit) throw refused(`its header of ${length} bytes is above ${headerLimit}`)
    return preambleBytes + length
  }

  private open(packed: Uint8Array): void {
    const crc = new DataView(this.head.buffer, this.head.byteOffset).getUint32(12, true)
    if (crc32(packed) !== crc) throw refused('its header is damaged')
    const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true })
    const header = unpackr.unpack(packed) as Header
    const expected = identity(this.settings)
    if (header.settings !== expected) {
      throw refused(
        `it was saved under other settings: got ${header.settings}, expected ${expected}`
      )
    }
    const run = new Run(header.open, this.settings, this.emit)
    const layout = JSON.stringify(
      run.shards.map((shard) => kept(shard).map(({ name, bytes }) => [name, bytes]))
    )
    if (JSON.stringify(header.regions) !== layout) {
      throw refused(
        `its layout is another: got ${JSON.stringify(header.regions)}, expected ${layout}`
      )
    }
    const alerts: Alert[] = []
    if (header.build !== build) {
      const message = `the state was saved by build ${header.build}, this is ${build}`
      alerts.push({ id: 'run/other-build', level: 'warn', message })
    }
    run.resume(header.plain, alerts)
    this.run = run
    this.targets = run.shards.flatMap((shard) =>
      kept(shard).map(({ name, bytes }) => ({ shard, address: shard.address(name), bytes }))
    )
  }
}

function refused(why: string): ThalwegError {
  return new ThalwegError(
    'E_STATE',
    `the state is refused: ${why}. Start the run anew, or load the state it was saved as.`
  )
}

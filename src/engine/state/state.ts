import { build } from '../../build.gen.ts'
import { ThalwegError } from '../../error.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { sketchingOfAll } from '../planning/drafts.ts'
import type { RunPlan } from '../planning/plan.ts'
import { columnStride, type Region, shardRegions, tilesOf } from '../planning/regions.ts'
import { Run } from '../run/run.ts'
import { tileRows } from '../scope.ts'
import type { Settings } from '../settings.ts'
import { type Share, wholeRun } from '../shards/drive.ts'
import type { Shard } from '../shards/shard.ts'
import type { Alert } from '../stage.ts'
import type { AnalysedBlock } from '../summary.ts'
import { crc32 } from './crc32.ts'

/**
 * A run's state as bytes: "THWG", version, length and CRC-32 of the header (u32 little-endian each), the header in JSON,
 * the kept regions of each shard as they lie in memory, a CRC-32 of all before it. Of columns only those go along that
 * hold a step which is not yet analysed: between blocks none.
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
  /** Column slots that go along. */
  readonly slots: readonly number[]
  readonly plain: unknown
  /** What the host keeps beside the run: places in its source and sinks. */
  readonly host: unknown
}

/** What decides the layout and the numbers of a state; the rest of the settings may change between save and load. */
export function identity(settings: Settings): string {
  const { select, block, mode, nonFinite, groups, seed, shards, stages } = settings
  const parts = stages.map(({ definition, options }) => ({ type: definition.type, ...options }))
  return JSON.stringify({ select, block, mode, nonFinite, groups, seed, shards, stages: parts })
}

/** The kept regions of each of a plan's shards. */
const keptOf = (plan: RunPlan): Region[][] =>
  plan.edges
    .slice(1)
    .map((_, k) => shardRegions(plan, k).filter(({ kept, bytes }) => kept && bytes > 0))

const layoutOf = (plan: RunPlan) =>
  keptOf(plan).map((regions) => regions.map(({ name, bytes }) => [name, bytes] as const))

/** Bytes that the memory of a run's state takes, with all columns. */
export function stateBytes({ plan }: Run): number {
  return keptOf(plan)
    .flat()
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

const isPlanned = ({ edges }: RunPlan, shard: number): boolean => shard < edges.length - 1

/** A piece of a shard's memory, which is in this thread or in another. */
interface Piece {
  readonly shard: Shard | undefined
  address: number
  bytes: number
}

/**
 * The pieces of all shards' memories that make up the state, in their order. A shard beyond the plan's takes the first
 * one's headers, which are the same on all.
 */
function* pieces({ plan, shards }: Run, slots: readonly number[]): Generator<Piece> {
  const beyond = shards.find(({ number }) => !isPlanned(plan, number))
  for (const [k, regions] of keptOf(plan).entries()) {
    const own = shards.find(({ number }) => number === k)
    const [from, to] = tilesOf(plan, k)
    const column = (to - from) * tileRows * plan.elementBytes
    const stride = columnStride((to - from) * tileRows, plan.elementBytes)
    for (const { name, bytes } of regions) {
      const shard = own ?? (k === 0 && name.endsWith('/header') ? beyond : undefined)
      const address = shard?.address(name) ?? 0
      const isColumns = /^(columns|tangents)\//.test(name)
      if (!isColumns) yield { shard, address, bytes }
      else {
        for (const slot of slots) yield { shard, address: address + slot * stride, bytes: column }
      }
    }
  }
}

/** JSON has no words for numbers that are not finite, nor for -0. */
const writeNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? { '': Object.is(value, -0) ? '-0' : String(value) }
    : value

const readNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '' in value && typeof value[''] === 'string'
    ? Number(value[''])
    : value

/**
 * The state of a run between two frames, in chunks of at most 1 MiB that are views of the run's memory: use each before
 * asking for the next, and push no frame meanwhile.
 *
 * @param host what the host keeps beside the run, as JSON; the loader hands it back
 */
export function* saveState(run: Run, host?: unknown): Generator<Uint8Array> {
  const seal = new Seal()
  for (const chunk of unsealedState(run, host)) yield seal.over(chunk)
  yield seal.end()
}

/** The end of a state: the checksum of all that comes before it. */
export class Seal {
  #crc = 0

  /** Takes the next bytes, and hands them back. */
  over(bytes: Uint8Array): Uint8Array {
    this.#crc = crc32(bytes, this.#crc)
    return bytes
  }

  end(): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(4))
    bytes.setUint32(0, this.#crc, true)
    return new Uint8Array(bytes.buffer)
  }
}

/**
 * This thread's part of a state: the shards that are here, and the header with the first one. The parts of all threads
 * one after another, and a seal, make up the state.
 */
export function* unsealedState(run: Run, host?: unknown): Generator<Uint8Array> {
  const slots = run.slotsInUse
  const { number } = run.shards[0]!
  if (!isPlanned(run.plan, number)) return
  if (number === 0) yield* headerOf(run, slots, host)
  for (const { shard, address, bytes } of pieces(run, slots)) {
    for (let i = 0; shard && i < bytes; i += chunkBytes) {
      yield shard.arena.u8(address + i, Math.min(chunkBytes, bytes - i))
    }
  }
}

function* headerOf(run: Run, slots: readonly number[], host: unknown): Generator<Uint8Array> {
  const header: Header = {
    build,
    open: run.plan.open,
    settings: identity(run.plan.settings),
    regions: layoutOf(run.plan),
    slots,
    plain: run.plain(),
    host,
  }
  const packed = new TextEncoder().encode(JSON.stringify(header, writeNumber))
  const preamble = new DataView(new ArrayBuffer(preambleBytes))
  preamble.setUint32(0, magic, true)
  preamble.setUint32(4, version, true)
  preamble.setUint32(8, packed.length, true)
  preamble.setUint32(12, crc32(packed), true)
  yield new Uint8Array(preamble.buffer)
  for (let i = 0; i < packed.length; i += chunkBytes) yield packed.subarray(i, i + chunkBytes)
}

/** Takes a state chunk by chunk, straight into the memory of the run that it makes. */
export class StateLoader {
  readonly #settings: Settings
  readonly #emit: (block: AnalysedBlock) => void
  readonly #seen: boolean
  readonly #share: Share
  #head: Uint8Array = new Uint8Array(0)
  #run: Run | undefined
  #targets: Piece[] = []
  #crc = 0
  #tail: number[] = []
  #saved: unknown

  /**
   * @param settings those the run goes on with; they must be the ones it was saved under
   * @param join how the stream goes on: with the very next frame, or from some step before, to be skipped and counted
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

  /** What the host kept beside the run. */
  get host(): unknown {
    return this.#saved
  }

  /** @throws E_STATE when the bytes are not a state of this layout and these settings */
  push(chunk: Uint8Array): void {
    let rest = chunk
    if (!this.#run) {
      const joined = new Uint8Array(this.#head.length + chunk.length)
      joined.set(this.#head)
      joined.set(chunk, this.#head.length)
      this.#head = joined
      const end = this.#headerEnd()
      if (end === undefined || this.#head.length < end) return
      this.#crc = crc32(this.#head.subarray(0, end))
      this.#open(this.#head.subarray(preambleBytes, end))
      rest = this.#head.subarray(end)
    }
    while (rest.length > 0 && this.#targets.length > 0) {
      const target = this.#targets[0]!
      const part = rest.subarray(0, target.bytes)
      target.shard?.arena.u8(target.address, part.length).set(part)
      this.#crc = crc32(part, this.#crc)
      target.address += part.length
      target.bytes -= part.length
      if (target.bytes === 0) this.#targets.shift()
      rest = rest.subarray(part.length)
    }
    if (this.#tail.length + rest.length > 4) throw refused('bytes follow its end')
    this.#tail.push(...rest)
  }

  /** The run, ready for the frame after the last one it took before it was saved. */
  finish(): Run {
    const [a, b, c, d] = this.#tail
    if (!this.#run || this.#targets.length > 0 || d === undefined) throw refused('it is cut off')
    if ((a! | (b! << 8) | (c! << 16) | (d << 24)) >>> 0 !== this.#crc)
      throw refused('its checksum does not fit')
    return this.#run
  }

  #headerEnd(): number | undefined {
    if (this.#head.length < preambleBytes) return undefined
    const preamble = new DataView(this.#head.buffer, this.#head.byteOffset, preambleBytes)
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

  #open(packed: Uint8Array): void {
    const crc = new DataView(this.#head.buffer, this.#head.byteOffset).getUint32(12, true)
    if (crc32(packed) !== crc) throw refused('its header is damaged')
    const header = JSON.parse(new TextDecoder().decode(packed), readNumber) as Header
    const expected = identity(this.#settings)
    if (header.settings !== expected) {
      throw refused(
        `it was saved under other settings: got ${header.settings}, expected ${expected}`
      )
    }
    const run = new Run(header.open, this.#settings, this.#emit, this.#share)
    const difference = differenceOf(header.regions, layoutOf(run.plan))
    if (difference) {
      const hint =
        sketchingOfAll(run.plan.stages) === 'fallback'
          ? '. By "memory.max" it is a sketch or none: give the one that it was saved under'
          : ''
      throw refused(`its layout is another: ${difference}${hint}`)
    }
    const alerts: Alert[] = []
    if (header.build !== build) {
      const message = `the state was saved by build ${header.build}, this is ${build}`
      alerts.push({ id: 'run/other-build', level: 'warn', message })
    }
    run.resume(header.plain, alerts, this.#seen)
    this.#run = run
    this.#saved = header.host
    this.#targets = [...pieces(run, header.slots)]
  }
}

type Layout = Header['regions']

/** The first region in which two layouts differ. */
function differenceOf(saved: Layout, planned: Layout): string | undefined {
  for (let k = 0; k < Math.max(saved.length, planned.length); k++) {
    const [got = [], expected = []] = [saved[k], planned[k]]
    for (let i = 0; i < Math.max(got.length, expected.length); i++) {
      const [a, b] = [got[i], expected[i]].map((region) => region?.join(' of ') ?? 'none')
      if (a !== b) return `region ${i} of shard ${k} is ${a} bytes, expected ${b}`
    }
  }
  return undefined
}

function refused(why: string): ThalwegError {
  return new ThalwegError(
    'E_STATE',
    `the state is refused: ${why}. Start the run anew, or load the state it was saved as.`
  )
}

import { Arena, type KernelKind, regionBytes } from '../../kernels/arena.ts'
import { tileRows } from '../../stage/scope.ts'
import { type EngineKernels, engineKernels } from '../kernels.gen.ts'
import type { RunPlan } from '../planning/plan.ts'
import {
  columnStride,
  type Region,
  sampleRange,
  shardRegions,
  tilesOf,
} from '../planning/regions.ts'

/** The memory of a shard's rows, those in tiles [from, to), with its regions laid out and its kernels at hand. */
export class Shard {
  /** Its number; one beyond the plan's shards has no rows. */
  readonly number: number
  readonly from: number
  readonly to: number
  /** Its tiles of the null's sample, in the sample's numbering. */
  readonly sampleFrom: number
  readonly sampleTo: number
  readonly rows: number
  readonly arena: Arena
  readonly kernels: EngineKernels
  readonly regions: readonly Region[]
  /** Bytes between successive columns. */
  readonly stride: number
  readonly #addresses: ReadonlyMap<string, number>

  /** @throws RangeError when there is no room for it */
  constructor(plan: RunPlan, number: number, kind: KernelKind) {
    const [from, to] = tilesOf(plan, number)
    this.number = number
    this.from = from
    this.to = to
    ;[this.sampleFrom, this.sampleTo] = sampleRange(plan, from, to)
    this.rows = (to - from) * tileRows
    this.stride = columnStride(this.rows, plan.elementBytes)
    this.regions = shardRegions(plan, number)
    this.arena = new Arena(
      this.regions.reduce((sum, { bytes }) => sum + regionBytes(bytes), 0),
      kind
    )
    this.kernels = this.arena.kernels(engineKernels)
    this.#addresses = new Map(this.regions.map(({ name, bytes }) => [name, this.arena.take(bytes)]))
  }

  /** Address of a region; 0 where the plan has none of that name. */
  address(name: string): number {
    return this.#addresses.get(name) ?? 0
  }

  column(member: number, slot: number): number {
    return this.address(`columns/${member}`) + slot * this.stride
  }

  /** The same for a tangent vector of the member. */
  tangent(member: number, index: number, slot: number): number {
    return this.address(`tangents/${member}/${index}`) + slot * this.stride
  }
}

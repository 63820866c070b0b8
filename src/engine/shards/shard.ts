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

/** The memory of a shard, for the rows of tiles [from, to), with its regions and its kernels. */
export class Shard {
  /** The shard's number. A shard beyond the plan's has no rows. */
  readonly number: number
  readonly from: number
  readonly to: number
  /** The shard's first tile in the null's sample, in the sample's numbering. */
  readonly sampleFrom: number
  readonly sampleTo: number
  readonly rows: number
  readonly arena: Arena
  readonly kernels: EngineKernels
  readonly regions: readonly Region[]
  /** Bytes between successive columns. */
  readonly stride: number
  readonly #addresses: ReadonlyMap<string, number>

  /** @throws RangeError when there is not enough memory */
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

  /** Address of a region; 0 if the plan has no region of that name. */
  address(name: string): number {
    return this.#addresses.get(name) ?? 0
  }

  column(member: number, slot: number): number {
    return this.address(`columns/${member}`) + slot * this.stride
  }

  /** Address of a column of one of the member's tangent vectors. */
  tangent(member: number, index: number, slot: number): number {
    return this.address(`tangents/${member}/${index}`) + slot * this.stride
  }
}

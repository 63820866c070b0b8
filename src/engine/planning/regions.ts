import { sumsBytes } from '../../kernels/sums.ts'
import { energyBins, lags, productsOf } from '../../stage/null/statistics.ts'
import { tileRows } from '../../stage/scope.ts'
import { tilesWithin } from './layout.ts'
import type { PlannedScope, RunPlan } from './plan.ts'

/** A named piece of a shard's memory. */
export interface Region {
  readonly name: string
  readonly bytes: number
  /** True for a region that outlives a step: these regions make up the run's state. */
  readonly kept: boolean
  /** Bytes of a column, if the region has a slot for each column. */
  readonly column?: number
}

/** Bytes of raw payload that are staged at a time. */
export const stagingBytes = 1 << 16

/**
 * Bytes between successive columns: the rows, and padding. The padding puts the same tile of successive columns into different sets
 * of a cache whose ways are 4 KiB.
 */
export function columnStride(rows: number, elementBytes: number): number {
  const bytes = rows * elementBytes
  return bytes + ((1024 + 64 - (bytes % 4096) + 4096) % 4096)
}

/**
 * Name of a stage's region: `svd/model/rows`, or `svd/null/model/rows` for its null. The scope comes just before the last part,
 * because it may contain any tensor name.
 */
export function stageRegion(
  id: string,
  scope: string,
  isNull: boolean,
  part: 'header' | 'rows'
): string {
  return `${id}/${isNull ? 'null/' : ''}${scope}/${part}`
}

/** Bytes for the usual norm of a member's steps: its square, and the number of steps that it is estimated from. */
const usualNormBytes = 16

/** Scratch bytes of the statistics: the columns' weights, and either the sums of a tile or a histogram. */
function statisticsScratch({ measuredMembers, settings: { block } }: RunPlan): number {
  return measuredMembers.length > 0 ? 8 * (block + Math.max(productsOf(block), energyBins)) : 0
}

/** The tiles of the sample that lie in tiles [from, to), as a range of the sample's numbering. */
export function sampleRange(plan: RunPlan, from: number, to: number): [from: number, to: number] {
  const before = (tile: number): number => plan.sample.tiles.filter((t) => t < tile).length
  return [before(from), before(to)]
}

/** The tiles [from, to) of a shard; none if the number is beyond the plan's shards. */
export function tilesOf({ edges, layout }: RunPlan, number: number): [from: number, to: number] {
  return [edges[number] ?? layout.tiles, edges[number + 1] ?? layout.tiles]
}

/** The regions of a shard, in the order of their addresses. */
export function shardRegions(plan: RunPlan, number: number): Region[] {
  const { members, elementBytes, anchorBytes, settings, slots } = plan
  const [from, to] = tilesOf(plan, number)
  const rows = (to - from) * tileRows
  const regions: Region[] = []
  const keep = (name: string, bytes: number): unknown => regions.push({ name, bytes, kept: true })
  const keepColumns = (name: string): unknown => {
    const bytes = slots * columnStride(rows, elementBytes)
    return regions.push({ name, bytes, kept: true, column: rows * elementBytes })
  }

  keep('positions/high', rows * 4)
  keep('positions/low', rows * 4)
  keep('weights', rows * 4)
  for (const [place, m] of members.entries()) {
    keepColumns(`columns/${m}`)
    for (let index = 0; index < plan.tangents[place]!; index++)
      keepColumns(`tangents/${m}/${index}`)
    keep(`anchor/${m}`, rows * anchorBytes)
    if (settings.select.every > 1) {
      keep(`landing/${m}`, rows * elementBytes)
      keep(`sum/${m}`, rows * 8)
      if (plan.separations) keep(`sum-at-anchor/${m}`, rows * 8)
    }
    if (m > 0 && plan.separations) keep(`separation/${m}`, rows * 8)
  }

  const [sampleFrom, sampleTo] = sampleRange(plan, from, to)
  const sampleRows = (sampleTo - sampleFrom) * tileRows
  for (const m of plan.nullMembers) {
    keep(`null/${m}/energy`, sampleRows * 8)
    keep(`null/${m}/high`, sampleRows * 4)
    keep(`null/${m}/low`, sampleRows * 4)
    regions.push({
      name: `null/${m}/columns`,
      bytes: settings.block * columnStride(sampleRows, 4),
      kept: false,
    })
  }

  for (const m of plan.measuredMembers) {
    keep(`statistics/${m}/before`, lags * sampleRows * 4)
    keep(`statistics/${m}/energy`, sampleRows * 8)
    keep(`statistics/${m}/norm`, usualNormBytes)
  }

  let scratch = Math.max(
    statisticsScratch(plan),
    sumsBytes(plan.layout.tiles, 3),
    sumsBytes(plan.sample.layout.tiles, 1 + 2 * settings.block) + tileRows * 8
  )
  for (const stage of plan.stages) {
    const lay = (planned: PlannedScope, isNull: boolean, first: number, last: number): void => {
      keep(stageRegion(stage.id, planned.scope.name, isNull, 'header'), planned.plan.header)
      keep(
        stageRegion(stage.id, planned.scope.name, isNull, 'rows'),
        tilesWithin(planned.scope, first, last) * planned.plan.perTile
      )
      scratch = Math.max(scratch, planned.plan.scratch)
    }
    for (const planned of stage.scopes) lay(planned, false, from, to)
    for (const planned of stage.nulls) if (planned) lay(planned, true, sampleFrom, sampleTo)
  }
  regions.push({ name: 'staging', bytes: 2 * stagingBytes, kept: false })
  regions.push({ name: 'table', bytes: slots * 4, kept: false })
  regions.push({ name: 'scratch', bytes: scratch, kept: false })
  return regions
}

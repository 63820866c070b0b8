// Cost per weight and delta over sizes of models, and over the length of a run: frames into the engine, on one thread.

import { settingsOf } from '../../src/analyse.ts'
import { Run } from '../../src/engine/run/run.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { DeltaFrame, OpenFrame } from '../../src/wire/frame.ts'
import { delta, openFrame, random } from '../engine/frames.ts'
import { table } from './timing.ts'

const block = 16
/** Steps after which deltas repeat. */
const period = 64
const sizes = [1e4, 1e5, 1e6, 1e7, 1e8]

interface Pipeline {
  readonly name: string
  readonly stage: StageValue
  /** Most weights whose state and columns this machine is asked for. */
  readonly most: number
}

const pipelines: readonly Pipeline[] = [
  { name: 'health alone', stage: health(), most: 1e7 },
  { name: 'cmd', stage: cmd(), most: 1e7 },
  { name: 'svd, tier basis', stage: svd({ tier: 'basis' }), most: 1e6 },
  { name: 'svd, tier sketch', stage: svd({ tier: 'sketch' }), most: 1e8 },
]

/** Seconds of each block of a run over deltas of noise. */
function blockSeconds(rows: number, stage: StageValue, blocks: number): number[] {
  // The largest model needs four memories. Each shard decomposes walks of its own, which would weigh on small models.
  const shards = rows >= 1e8 ? 4 : 1
  const settings = settingsOf({ memory: { max: 2 ** 34 }, block, shards }, stage)
  const next = random(1)
  const noise = Float32Array.from({ length: 1 << 20 }, next)
  // Each step begins elsewhere in one long noise: independent columns, in the memory of one.
  const values = new Float32Array(rows + period)
  for (let i = 0; i < values.length; i += noise.length) {
    values.set(noise.subarray(0, Math.min(values.length - i, noise.length)), i)
  }
  const run = new Run(openFrame([{ name: 'w', shape: [rows] }]) as OpenFrame, settings, () => {})
  return Array.from({ length: blocks }, (_, k) => {
    const start = performance.now()
    for (let j = 1; j <= block; j++) {
      const step = k * block + j
      const payload = new Uint8Array(values.buffer, 4 * (step % period), 4 * rows)
      run.push(delta(step, [payload]) as DeltaFrame)
    }
    return (performance.now() - start) / 1e3
  })
}

const least = (seconds: readonly number[], rows: number): string =>
  ((Math.min(...seconds) * 1e9) / rows / block).toFixed(2)

/** ns per weight and delta by size: the least block after the first few. */
export function sizeTable(): string {
  const lines = pipelines.map(({ name, stage, most }) => [
    name,
    ...sizes.map((rows) => {
      if (rows > most) return ''
      const warmup = 2
      const blocks = warmup + (rows >= 1e8 ? 2 : rows >= 1e7 ? 4 : 12)
      return least(blockSeconds(rows, stage, blocks).slice(warmup), rows)
    }),
  ])
  return table([
    ['ns per weight and delta', ...sizes.map((rows) => `D = ${rows.toExponential(0)}`)],
    ...lines,
  ])
}

/** The same early and late in one long run. */
export function lengthTable(): string {
  const rows = 1 << 14
  const blocks = 1024
  const part = 128
  const lines = pipelines.map(({ name, stage }) => {
    const seconds = blockSeconds(rows, stage, blocks)
    return [name, least(seconds.slice(part / 4, part), rows), least(seconds.slice(-part), rows)]
  })
  const steps = (from: number, to: number): string => `steps ${from * block} to ${to * block}`
  return table([
    [
      `ns per weight and delta, ${rows} weights`,
      steps(part / 4, part),
      steps(blocks - part, blocks),
    ],
    ...lines,
  ])
}

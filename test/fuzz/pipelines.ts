import type { Settings } from '../../src/engine/settings/settings.ts'
import { registry } from '../../src/node/registry.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import type { Random } from './random.ts'

const stages = (random: Random): object[] => {
  const svd = {
    type: 'svd',
    rank: random.between(1, 3),
    per: random.pick(['model', 'model', 'tensor']),
    of: random.pick(['deltas', 'deltas', 'positions']),
    storage: random.pick(['f32', 'f32', 'f64']),
  }
  const choices: (() => object[])[] = [
    () => [],
    () => [svd],
    () => [svd, { type: 'svd', id: 'second', rank: 2, member: random.below(2) }],
    () => [{ type: 'cmd', modes: 2, warmup: 3, choose: 3, samples: 16 }],
    () => [svd, { type: 'ftle' }],
    () => [{ type: 'ftle', norms: ['l2', 'l1'] }],
    () => [{ type: 'ftle', method: 'tangent', tangents: 2 }],
    () => [
      { ...svd, per: 'model', rank: 3 },
      { type: 'ftle', method: 'local-linear', on: 'svd' },
    ],
    () => [{ type: 'health', per: random.pick(['model', 'tensor']) }],
    () => [{ type: 'svd', tier: 'sketch', rank: 2 }],
  ]
  return random.pick(choices)()
}

/** A pipeline's settings: few blocks are enough to meet all that stages do. */
export function settings(random: Random): Settings {
  const json = {
    block: random.between(2, 6),
    emit: { every: random.between(1, 2) },
    nonFinite: random.pick(['drop', 'drop', 'error']),
    seed: random.below(3),
    select: random.chance(0.3)
      ? {
          every: random.between(1, 3),
          from: random.below(4),
          ...(random.chance(0.3) ? { to: 12 } : {}),
        }
      : {},
    limits: { metrics: random.pick([4096, 4096, 2]) },
    stages: stages(random),
  }
  return parsePipeline(json, registry).settings
}

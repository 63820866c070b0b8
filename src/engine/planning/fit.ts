import { ThalwegError } from '../../error.ts'
import { arenaLimit } from '../../kernels/arena.ts'
import { quoted } from '../../plain.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import type { Settings } from '../settings/settings.ts'
import { fits, planUnlimited, type RunPlan } from './plan.ts'
import { settingsThatFit } from './proposals.ts'

/**
 * Plans a run.
 *
 * @throws E_SELECT when a selection is empty, E_CONFIG and E_RANK for stages that cannot work on this run, E_MEMORY when
 *   the plan does not fit `memory.max` or a shard does not fit its memory
 *
 * @example
 * ```ts
 * const { bytes } = planRun(open, settingsOf({ block: 32 }, svd({ rank: 8 }))) // what the run will reserve
 * ```
 */
export function planRun(open: OpenFrame, settings: Settings): RunPlan {
  const plan = planUnlimited(open, settings)
  if (fits(plan, settings)) return plan
  const { max } = settings.memory
  const { length } = plan.memories
  const limit =
    plan.bytes > max
      ? `"memory.max" is ${max}`
      : `${length === 1 ? 'one memory holds' : `${length} memories hold`} ${length * arenaLimit}`
  const proposals = settingsThatFit(open, settings, plan).map((setting) => `  ${setting}`)
  throw new ThalwegError('E_MEMORY', [
    `run ${quoted(open.run)}: ${plan.parameters} parameters need ${plan.bytes} bytes, ${limit}. These would fit:`,
    ...proposals,
  ])
}

import { planRun } from '../../engine/planning/fit.ts'
import { settingsFields } from '../../engine/settings/fields.ts'
import type { Settings } from '../../engine/settings/settings.ts'
import { ThalwegError } from '../../error.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { readPipeline } from '../pipeline-file.ts'
import { registry } from '../registry.ts'
import { shippedPipelines } from '../shipped.ts'

/**
 * If an error says that a run is too large, adds the shipped pipelines that would accept it with the same limit. Any other error
 * is returned unchanged.
 */
export async function withShipped(
  error: ThalwegError,
  open: OpenFrame | undefined,
  { memory }: Pick<Settings, 'memory'>
): Promise<ThalwegError> {
  if (error.code !== 'E_MEMORY' || open === undefined) return error
  const usual = settingsFields.memory.fields.max.default
  const set = memory.max === usual ? '' : ` --set memory.max=${memory.max}`
  const commands: string[] = []
  for (const name of shippedPipelines()) {
    if (await takes(name, open, memory)) commands.push(`  thalweg run ${name}${set}`)
  }
  if (commands.length === 0) return error
  const lines = [
    ...error.lines,
    'These pipelines, which ship with thalweg, would run:',
    ...commands,
  ]
  return new ThalwegError('E_MEMORY', lines, { cause: error })
}

async function takes(name: string, open: OpenFrame, memory: Settings['memory']): Promise<boolean> {
  const { settings } = (await readPipeline(name, [], registry)).pipeline
  try {
    planRun(open, { ...settings, memory })
    return true
  } catch {
    return false
  }
}

import { planRun } from '../../engine/planning/fit.ts'
import { withHealth } from '../../engine/run/runs.ts'
import { type Settings, settingsFields } from '../../engine/settings.ts'
import { ThalwegError } from '../../error.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { readPipeline } from '../pipeline-file.ts'
import { registry } from '../registry.ts'
import { shippedPipelines } from '../shipped.ts'

/** An error of a run that is too large, with the shipped pipelines that would take it under the same limit; any other as it is. */
export function withShipped(
  error: ThalwegError,
  open: OpenFrame | undefined,
  { memory }: Pick<Settings, 'memory'>
): ThalwegError {
  if (error.code !== 'E_MEMORY' || open === undefined) return error
  const usual = settingsFields.memory.fields.max.default
  const set = memory.max === usual ? '' : ` --set memory.max=${memory.max}`
  const commands = shippedPipelines()
    .filter((name) => takes(name, open, memory))
    .map((name) => `  thalweg run ${name}${set}`)
  if (commands.length === 0) return error
  const lines = [
    ...error.lines,
    'These pipelines, which ship with thalweg, would run:',
    ...commands,
  ]
  return new ThalwegError('E_MEMORY', lines, { cause: error })
}

function takes(name: string, open: OpenFrame, memory: Settings['memory']): boolean {
  const { settings } = readPipeline(name, [], registry).pipeline
  try {
    planRun(open, withHealth({ ...settings, memory }))
    return true
  } catch {
    return false
  }
}

import { coldStart } from '../../cases/cold-start.ts'

/** What a runtime is asked for: all cases, those of the stages without WebAssembly, or how long first steps take. */
export type Task = 'cases' | 'references' | 'cold-start'

/** Does a task on a recording; the result is JSON. */
export async function perform(task: Task, recording: Uint8Array): Promise<string> {
  if (task === 'cold-start') return JSON.stringify(await coldStart(recording))
  const { cases, outcome, stages } = await import('../../cases/index.ts')
  if (task === 'references') Reflect.deleteProperty(globalThis, 'WebAssembly')
  return JSON.stringify(await outcome(task === 'references' ? stages : cases, recording))
}

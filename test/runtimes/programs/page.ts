import { perform, type Task } from './task.ts'

/** For browsers: `await perform(task)` in the page. */
Object.assign(globalThis, {
  async perform(task: Task): Promise<string> {
    const recording = await (await fetch('/recording')).arrayBuffer()
    return perform(task, new Uint8Array(recording))
  },
})

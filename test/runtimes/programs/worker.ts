import { perform, type Task } from './task.ts'

interface Environment {
  readonly recording: ArrayBuffer
}

/** For workerd: GET /<task>. */
export default {
  async fetch({ url }: Request, { recording }: Environment): Promise<Response> {
    const task = new URL(url).pathname.slice(1) as Task
    return new Response(await perform(task, new Uint8Array(recording)))
  },
}

import { perform } from './task.ts'

/** For a context of the edge runtime: `await perform(task, recording)` in it. */
Object.assign(globalThis, { perform })

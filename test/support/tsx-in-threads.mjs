// In Node 20 a loader that is registered in the main thread does not serve worker threads: this registers it in each.
import { isMainThread } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

if (!isMainThread) register()

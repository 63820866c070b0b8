/**
 * Thalweg for platforms where instances come and go: a fetch handler that analyses runs posted piece by piece, and the stores
 * that hold them between requests. It uses only web standards, and contains only the stages that it is given.
 *
 * @module
 */
export { ThalwegError } from '../error.ts'
export * from '../stages/index.gen.ts'
export { type HandlerOptions, handler } from './handler.ts'
export type { HandlerLimits } from './limits.ts'
export type { Store, StoredHead } from './store.ts'
export { type Bucket, bucketStore } from './stores/bucket.ts'
export { type DurableStorage, durableObjectStore } from './stores/durable-object.ts'
export { type KeyValue, kvStore } from './stores/kv.ts'
export { memoryStore } from './stores/memory.ts'
export { type S3Options, s3Bucket } from './stores/s3.ts'

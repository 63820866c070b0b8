/**
 * Thalweg on Node.js: all components that ship with the package, pipeline files, and what the command line is made of.
 *
 * @module
 */

export * from '../sinks/index.gen.ts'
export * from '../sources/index.gen.ts'
export { checkpointFile } from './checkpoint-file.ts'
export { chunks } from './chunks.ts'
export { type FileStore, fileStore } from './file-store.ts'
export type { PlacedProblem } from './json-text.ts'
export {
  loadPipeline,
  type PipelineFile,
  placedText,
  readPipeline,
} from './pipeline-file.ts'
export { registry } from './registry.ts'
export { parseSetting, type Setting } from './set.ts'
export { shippedPipelines } from './shipped.ts'
export { readSummaries, type SummariesOptions } from './summaries.ts'
export { workerThreads } from './threads/threads.ts'
export { openWriter, streamWriter, type Writer } from './writer.ts'

/**
 * Thalweg's core: wire format, stages, the operator `analyse`, pipelines. It uses only web standards and runs wherever WebAssembly
 * does. Without WebAssembly it also runs, but slower.
 *
 * @module
 */
export { type AnalyseOptions, analyse, settingsOf } from './analyse.ts'
export { analyseWith } from './engine/analyse.ts'
export type { ColumnView } from './engine/analysis/views.ts'
export { planRun } from './engine/planning/fit.ts'
export type { RunPlan } from './engine/planning/plan.ts'
export { Run } from './engine/run/run.ts'
export { specsOf } from './engine/run/specs.ts'
export type { ParsedStage, Settings } from './engine/settings/settings.ts'
export { StateLoader } from './engine/state/load.ts'
export { saveState } from './engine/state/save.ts'
export { type Alert, type AnalysedBlock, type Summary, summaryLine } from './engine/summary.ts'
export type { ErrorCode } from './error.ts'
export type { KernelKind, ModuleSource } from './kernels/arena.ts'
export type { CheckpointStore } from './pipeline/checkpoint.ts'
export { lintPipeline, type Pipeline, parsePipeline, type Registry } from './pipeline/pipeline.ts'
export { type RunOptions, type RunOutcome, runPipeline } from './pipeline/run-pipeline.ts'
export { defineSink, type Sink, type SinkDefinition } from './pipeline/sink.ts'
export { defineSource, type SourceDefinition } from './pipeline/source.ts'
export { storedBlocks } from './pipeline/stored.ts'
export * as fields from './spec/fields.ts'
export * from './stage/index.ts'
export * from './stages/index.gen.ts'
export type * from './wire/frame.ts'
export { FrameReader, readFrames, type StreamEnd } from './wire/reader.ts'
export type { StreamPlace } from './wire/run-state.ts'
export { type FrameWriter, frameWriter } from './wire/writer.ts'

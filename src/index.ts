/**
 * Thalweg's core: wire format, stages, the operator `analyse`, pipelines. It uses web standards only and runs wherever
 * WebAssembly does, or, slower, where it does not.
 *
 * @module
 */
export { type AnalyseOptions, analyse, analyseWith } from './engine/analyse.ts'
export type { ColumnView } from './engine/analysis/views.ts'
export type { Block, Ledger, Mark, MemberColumns } from './engine/block.ts'
export { planRun } from './engine/planning/fit.ts'
export type { RunPlan } from './engine/planning/plan.ts'
export { Run } from './engine/run/run.ts'
export type { Scope, ScopeShape, ScopeTensor, Segment } from './engine/scope.ts'
export type { Settings } from './engine/settings.ts'
export {
  type Alert,
  defineStage,
  type Mode,
  type Needs,
  type Outcome,
  type Partial,
  type Plan,
  type PlanShape,
  type StageContext,
  type StageDefinition,
  type StageInstance,
  type StageValue,
  type Step,
  type Total,
  type Values,
} from './engine/stage.ts'
export { StateLoader } from './engine/state/load.ts'
export { saveState } from './engine/state/save.ts'
export { type AnalysedBlock, type Summary, summaryLine } from './engine/summary.ts'
export { type ErrorCode, ThalwegError } from './error.ts'
export { Arena, type KernelKind, type KernelSource, type ModuleSource } from './kernels/arena.ts'
export { sumsBytes, TileSums } from './kernels/sums.ts'
export type { CheckpointStore } from './pipeline/checkpoint.ts'
export { lintPipeline, type Pipeline, parsePipeline, type Registry } from './pipeline/pipeline.ts'
export { type RunOptions, type RunOutcome, runPipeline } from './pipeline/run-pipeline.ts'
export { defineSink, type Sink, type SinkDefinition } from './pipeline/sink.ts'
export { defineSource, type SourceDefinition } from './pipeline/source.ts'
export * as fields from './spec/fields.ts'
export { cmd } from './stages/cmd/index.ts'
export { ftle } from './stages/ftle/index.ts'
export { health } from './stages/health/index.ts'
export { svd } from './stages/svd/index.ts'
export type * from './wire/frame.ts'
export { FrameReader, readFrames, type StreamEnd } from './wire/reader.ts'
export type { StreamPlace } from './wire/run-state.ts'
export { type FrameWriter, frameWriter } from './wire/writer.ts'

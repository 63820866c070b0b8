/**
 * The conformance of components: one call checks everything that is required of a stage, a sink or a source. For tests of
 * components, with any test runner.
 *
 * @module
 */
export { everyKind, everyValue } from './every-kind.ts'
export { type CheckStream, checkStream, checkTensors } from './frames.ts'
export { checkSink, type SinkChecks } from './sink.ts'
export { checkSource, type SourceChecks } from './source.ts'
export { checkStage, type StageChecks } from './stage.ts'

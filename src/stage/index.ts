/**
 * Everything that a stage is written with: its definition, options and figures, what it gets from a run, and what stages share. A
 * stage imports only this, its own folder, and the small dense matrices of `src/linalg`.
 *
 * @module
 */
export { ThalwegError } from '../error.ts'
export type { Arena, KernelSource } from '../kernels/arena.ts'
export { acos, angle, erf, exp, log, sinCos, tanh } from '../kernels/math.ts'
export { mix } from '../kernels/mix.ts'
export { pushTile, sumsBytes, TileSums } from '../kernels/sums.ts'
export { countsTree } from '../kernels/tree.ts'
export {
  boolean,
  choice,
  integer,
  list,
  number,
  type Options,
  object,
  string,
} from '../spec/fields.ts'
export {
  complexSpectrum,
  count,
  type FigureValues,
  graph,
  histogram,
  type Interval,
  interval,
  matrix,
  overRank,
  overSteps,
  scalar,
  share,
  table,
  text,
  verdict,
  weight,
} from '../spec/figures.ts'
export { type Problem, problem } from '../spec/problem.ts'
export type { Dtype, OpenFrame } from '../wire/frame.ts'
export type { Block, Ledger, Mark, MemberColumns, StepFacts, TangentColumns } from './block.ts'
export * from './define.ts'
export { Delays } from './delays.ts'
export { type TrainingFacts, trainingFacts } from './facts.ts'
export { fading, forget } from './forget.ts'
export { type Header, headerBytes, openHeader } from './header.ts'
export {
  addToHistory,
  historyFigure,
  historyLine,
  historyPoints,
  historyShape,
} from './history.ts'
export {
  fanIn,
  fillPanels,
  layout,
  type MatrixPart,
  type MatrixShape,
  matrixOf,
  partsOf,
  readingBytes,
  readWeights,
  scopeMatrix,
  sidesOf,
} from './matrix.ts'
export { type Comparison, comparisonOf } from './null/comparison.ts'
export type { StepStatistics } from './null/statistics.ts'
export type { WalkTurn } from './null/turn.ts'
export { Walks, walkCount } from './null/walks.ts'
export { fromOwner, isOwner, ownsTensor } from './own.ts'
export { type Factor, type FactorFacts, factorPort } from './ports/factor.ts'
export { type BlockGram, type Gram, gramPort } from './ports/gram.ts'
export {
  definePort,
  type FactsOf,
  type HandlesOf,
  type NoPorts,
  type Port,
  type Ports,
} from './ports/port.ts'
export {
  type RunSpectrum,
  type SpectralMode,
  type Spectrum,
  type SpectrumFacts,
  spectrumPort,
} from './ports/spectrum.ts'
export { scalesBefore, type Turn, turnOf, unturned } from './ports/turn.ts'
export { expectPositions } from './positions.ts'
export type { ShardSums, Step, Totals } from './protocol.ts'
export { scatterOf } from './scatter.ts'
export {
  elementOf,
  type Scope,
  type ScopeShape,
  type ScopeTensor,
  type Segment,
  tileRows,
} from './scope.ts'
export { foldingError, isSketch, sketchError, sketchRows } from './sketch.ts'
export { whyOf } from './why.ts'
export { amount, counted, grouped, percent, percentWithin } from './words.ts'

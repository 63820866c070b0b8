/**
 * The tap on TensorFlow.js: streams weight deltas from any training, in Node.js and in browsers, to a function that takes bytes
 * or to a URL.
 *
 * @module
 */
export { type Poster, type PosterOptions, poster } from './poster.ts'
export { type Tap, type TapOptions, tap } from './tap.ts'
export { registerMissingWasmKernels } from './wasm-kernels.ts'
export { type Figures, WeightStream, type WeightStreamOptions } from './weight-stream.ts'
export { type LayersModel, type Weight, weightsOf } from './weights.ts'

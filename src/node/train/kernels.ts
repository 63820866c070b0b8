import type { Random } from './random.ts'

/** Standard normal values. */
export function standardNormal(shape: readonly number[], random: Random): Float64Array {
  return new Float64Array(product(shape)).map(() => random.normal())
}

/** Uniform within ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010). The last two extents are input and output channels. */
export function glorotUniform(shape: readonly number[], random: Random): Float64Array {
  const [fanIn, fanOut] = shape.slice(-2)
  const positions = product(shape.slice(0, -2))
  const limit = Math.sqrt(6 / (positions * (fanIn! + fanOut!)))
  return new Float64Array(product(shape)).map(() => limit * (2 * random.uniform() - 1))
}

/** Uniform within ±1 / √(fan in) for a dense layer, which is PyTorch's default. */
export function fanInUniform(shape: readonly number[], random: Random): Float64Array {
  const limit = 1 / Math.sqrt(shape[0]!)
  return new Float64Array(product(shape)).map(() => limit * (2 * random.uniform() - 1))
}

function product(extents: readonly number[]): number {
  return extents.reduce((a, b) => a * b, 1)
}

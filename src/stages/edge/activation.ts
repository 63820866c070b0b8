import { erf, exp, tanh } from '../../stage/index.ts'

/** Activations with a known mean field; the kernels identify them by their index here. */
export const activations = ['linear', 'relu', 'tanh', 'erf'] as const

export type Activation = (typeof activations)[number]

/** 2 / √π */
const slopeAtZero = 1.1283791670955126

/** φ(x) */
export const activate: Readonly<Record<Activation, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh,
  erf,
}

/** φ'(x) */
export const slopeOf: Readonly<Record<Activation, (x: number) => number>> = {
  linear: () => 1,
  relu: (x) => (x > 0 ? 1 : 0),
  tanh: (x) => {
    const y = tanh(x)
    return 1 - y * y
  },
  erf: (x) => slopeAtZero * exp(-Math.min(x * x, 700)),
}

export function isActivation(name: unknown): name is Activation {
  return (activations as readonly unknown[]).includes(name)
}

import { definePort } from './port.ts'

/** An eigenvalue μ of a linear map fitted to a run, from one recorded step to the next. */
export interface SpectralMode {
  readonly re: number
  readonly im: number
  /** 95 % interval of |μ|; null if there is none. */
  readonly modulusInterval: readonly [low: number, high: number] | null
  /** ‖φ(y') - μ φ(y)‖ / ‖φ(y)‖ of its eigenfunction φ over all pairs: near 0 for a true eigenvalue, near 1 for a spurious one. */
  readonly residual: number
  readonly verdict: 'real' | 'spurious' | 'fragile' | 'unverified'
}

export interface RunSpectrum {
  readonly modes: readonly SpectralMode[]
  /** The trainer's steps from one recorded step to the next. */
  readonly spacing: number
  /** First and last step of the positions that the map was fitted to. */
  readonly steps: readonly [from: number, to: number]
}

export interface SpectrumFacts {
  /** Most eigenvalues. */
  readonly modes: number
}

export interface Spectrum {
  /** Computes the spectrum at the block that is being stepped. Undefined if no map can be fitted. */
  read(): RunSpectrum | undefined
}

export const spectrumPort = definePort<SpectrumFacts, Spectrum>({
  name: 'spectrum',
  means: 'Eigenvalues of the linear map that fits the positions, with intervals and verdicts.',
})

import type { Fit } from './fitting.ts'

/**
 * CMD embedded in training (Brokman et al. 2024): every so often the weights whose a and b moved least since the last time are
 * frozen onto their references, a share of all weights each time. References stay free.
 */
export class Embedding {
  readonly #share: number
  #before: Fit | undefined
  /** What embedded weights are frozen to; a reference of -1 is a weight that is free. */
  #frozen: Fit | undefined
  embedded = 0

  constructor(share: number) {
    this.#share = share
  }

  /** Freezes the calmest free weights. The first time there is nothing yet to compare with. */
  extend(fit: Fit): void {
    const { length } = fit.a
    this.#frozen ??= {
      reference: new Int32Array(length).fill(-1),
      a: new Float64Array(length),
      b: new Float64Array(length),
    }
    const [frozen, before] = [this.#frozen, this.#before]
    this.#before = fit
    if (!before) return
    const moved = (i: number) => Math.hypot(fit.a[i]! - before.a[i]!, fit.b[i]! - before.b[i]!)
    const references = new Set(fit.reference)
    const free = Array.from({ length }, (_, i) => i).filter(
      (i) => fit.reference[i]! >= 0 && frozen.reference[i]! < 0 && !references.has(i)
    )
    const distance = Float64Array.from({ length }, (_, i) => moved(i))
    free.sort((i, j) => distance[i]! - distance[j]!)
    for (const i of free.slice(0, Math.ceil(this.#share * length))) {
      frozen.reference[i] = fit.reference[i]!
      frozen.a[i] = fit.a[i]!
      frozen.b[i] = fit.b[i]!
      this.embedded++
    }
  }

  /** Puts embedded weights where their references have them. */
  apply(weights: Float32Array): Float32Array {
    const frozen = this.#frozen
    if (!frozen) return weights
    return weights.map((own, i) => {
      const reference = frozen.reference[i]!
      return reference < 0 ? own : frozen.a[i]! * weights[reference]! + frozen.b[i]!
    })
  }
}

import { random } from '../wire/streams.ts'

/** Choices that are a function of a seed. */
export class Random {
  readonly next: () => number

  constructor(seed: number) {
    this.next = random(seed)
  }

  /** An integer from 0 to below n. */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }
}

/** Singular values below this share of the largest are left out, because there the polar factor is not determined. */
export const cut = 1e-6

/** A step Y <- Y (shift I + scale YᵀY), and the least kept singular value after it. */
export interface NewtonSchulzStep {
  readonly shift: number
  readonly scale: number
  readonly least: number
}

/** Newton-Schulz steps for a matrix whose singular values are scaled to at most `start`. */
export interface Schedule {
  readonly start: number
  readonly steps: readonly NewtonSchulzStep[]
}

/**
 * The steps y <- α y (3 - α² y²) / 2 that bring all singular values in [least, 1] to 1, with α² = 3 / (1 + l + l²) and l the present least
 * value (Chen and Chow 2014). Of all such cubics this one maps [l, 1] to the shortest interval below 1.
 *
 * @param accuracy the distance from 1 at which to stop
 */
export function schedule(least: number, accuracy: number): Schedule {
  return { start: 1, steps: stepsFrom(least, 1, (now) => 1 - now > accuracy) }
}

/**
 * z = y³ and then z (3 - z²) / 2. This leaves 0 and 1 unchanged and has one fixed point between them, which repels: y² = s with
 * s³ + s² + s = 2. Values above it go to 1, values below it go to 0.
 */
export const dividingSteps = [
  { shift: 0, scale: 1 },
  { shift: 1.5, scale: -0.5 },
] as const
const divide = Math.sqrt(0.8105357137661369)

/**
 * The same steps for the case that singular values below `cut` are to be left out: they end when `cut` itself has come to the divide. They
 * are chosen for twice the least value, so that no other value ends as low as this one.
 */
export function dividingSchedule(): Schedule {
  const isBelow = (now: number): boolean => now < divide
  const count = stepsFrom(cut, 2, isBelow).length
  let [low, high] = [cut / 4, cut]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (stepsFrom(middle, 2, () => true, count).at(-1)!.least < divide) low = middle
    else high = middle
  }
  return { start: high / cut, steps: stepsFrom(high, 2, () => true, count) }
}

function stepsFrom(
  least: number,
  margin: number,
  goesOn: (now: number) => boolean,
  most = 64
): NewtonSchulzStep[] {
  const steps: NewtonSchulzStep[] = []
  for (let now = least; goesOn(now) && steps.length < most; ) {
    const l = Math.min(1, margin * now)
    const alpha = Math.sqrt(3 / (1 + l + l * l))
    const cube = alpha * alpha * alpha
    now = (1.5 * alpha - 0.5 * cube * now * now) * now
    steps.push({ shift: 1.5 * alpha, scale: -0.5 * cube, least: now })
  }
  return steps
}

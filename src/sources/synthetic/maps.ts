/** A dynamical system in the plane or in space, with its linearisation. */
export interface System {
  /** The orbit begins near this state. */
  readonly start: readonly number[]
  /** After this many steps, an orbit from `start` is on the attractor. */
  readonly settles: number
  /** Moves a state w by one step, and tangent vectors v by the Jacobian at w, all in place. */
  advance(w: Float64Array, tangents: readonly Float64Array[]): void
}

/** w' = c + M (w - c), M diagonal, c = (1, 1, ...): exponents ln |m_i|. */
export function linear(multipliers: readonly number[]): System {
  return {
    start: multipliers.map(() => 1),
    settles: 0,
    advance(w, tangents) {
      multipliers.forEach((m, i) => {
        w[i] = 1 + m * (w[i]! - 1)
        for (const v of tangents) v[i]! *= m
      })
    },
  }
}

/** x' = 4 x (1 - x): exponent ln 2. */
const logistic: System = {
  start: [0.3],
  settles: 1000,
  advance(w, tangents) {
    const x = w[0]!
    for (const v of tangents) v[0]! *= 4 - 8 * x
    w[0] = 4 * x * (1 - x)
  },
}

/** x' = 1 - 1.4 x² + y, y' = 0.3 x (Hénon 1976): exponents 0.41922 and ln 0.3 - 0.41922. */
const henon: System = {
  start: [0.1, 0.1],
  settles: 1000,
  advance(w, tangents) {
    const [x, y] = [w[0]!, w[1]!]
    for (const v of tangents) {
      const along = v[0]!
      v[0] = -2.8 * x * along + v[1]!
      v[1] = 0.3 * along
    }
    w[0] = 1 - 1.4 * x * x + y
    w[1] = 0.3 * x
  },
}

/** Time step of the flow. */
const lorenzStep = 0.01
const [sigma, rho, beta] = [10, 28, 8 / 3]

function lorenzFlow(w: Float64Array, out: Float64Array): void {
  const [x, y, z] = [w[0]!, w[1]!, w[2]!]
  out[0] = sigma * (y - x)
  out[1] = x * (rho - z) - y
  out[2] = x * y - beta * z
}

function lorenzTangent(w: Float64Array, v: Float64Array, out: Float64Array): void {
  const [x, y, z] = [w[0]!, w[1]!, w[2]!]
  out[0] = sigma * (v[1]! - v[0]!)
  out[1] = (rho - z) * v[0]! - v[1]! - x * v[2]!
  out[2] = y * v[0]! + x * v[1]! - beta * v[2]!
}

/**
 * Lorenz (1963) with sigma 10, rho 28, beta 8/3, one step of the classical Runge-Kutta method. Tangents move by the linearisation
 * of exactly this step, so the exponents are those of the discrete map.
 */
const lorenz: System = {
  start: [1, 1, 20],
  settles: 5000,
  advance(w, tangents) {
    const h = lorenzStep
    const weights = [1, 2, 2, 1]
    const shifts = [0, h / 2, h / 2, h]
    const all = [w, ...tangents]
    const total = all.map(() => new Float64Array(3))
    let slopes = all.map(() => new Float64Array(3))
    for (let stage = 0; stage < 4; stage++) {
      const at = all.map((u, i) => u.map((value, k) => value + shifts[stage]! * slopes[i]![k]!))
      slopes = at.map((u, i) => {
        const slope = new Float64Array(3)
        if (i === 0) lorenzFlow(u, slope)
        else lorenzTangent(at[0]!, u, slope)
        return slope
      })
      total.forEach((sum, i) => {
        for (let k = 0; k < 3; k++) sum[k]! += (h / 6) * weights[stage]! * slopes[i]![k]!
      })
    }
    all.forEach((u, i) => {
      for (let k = 0; k < 3; k++) u[k]! += total[i]![k]!
    })
  },
}

export const maps = { logistic, henon, lorenz } as const

/** `1,234,567`. */
export function grouped(value: number): string {
  return String(Math.floor(value + 0.5)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 tensor`, `2 tensors`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/**
 * A number with `digits` significant digits. Integers below 10⁶ are written in full. Other values get an exponent below 10⁻⁴ and
 * from 10⁶ on.
 */
export function amount(value: number, digits = 4): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e6) return grouped(value)
  if (size < 1e-4 || size >= 1e6) return value.toExponential(digits - 1)
  return size < 10 ** digits ? value.toPrecision(digits) : grouped(value)
}

/** `244 MB`. */
export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${amount(bytes / 1e6, 3)} MB`
}

/** A share in percent: `67 %`. An unknown share is `unknown`. */
export function percent(share: number, digits = 0): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : 'unknown'
}

/** Number of decimals of a percentage that its scatter justifies. */
export function shareDigits(scatter: number): 0 | 1 | 2 {
  return scatter >= 0.0095 ? 0 : scatter >= 0.00095 ? 1 : 2
}

/** A share and its scatter, with as many digits as the scatter justifies: `60 ± 1 %`. */
export function percentWithin(share: number, scatter: number): string {
  if (!(Number.isFinite(share) && scatter > 0)) return percent(share)
  const digits = shareDigits(scatter)
  return `${(100 * share).toFixed(digits)} ± ${(100 * scatter).toFixed(digits)} %`
}

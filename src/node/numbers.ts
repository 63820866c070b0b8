/** `1,234,567`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 tensor`, `2 tensors`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Four significant digits, or as many as asked for; integers whole; exponents where zeros would fill the place. */
export function figure(value: number, digits = 4): string {
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e6) return grouped(value)
  if (size < 1e-4 || size >= 1e6) return value.toExponential(digits - 1)
  return size < 10 ** digits ? value.toPrecision(digits) : grouped(value)
}

/** `244 MB`. */
export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${figure(bytes / 1e6, 3)} MB`
}

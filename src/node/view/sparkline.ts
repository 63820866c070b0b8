import type { Known } from '../../sinks/report/model/series.ts'

const bars = '▁▂▃▄▅▆▇█'

/**
 * Values as a row of bars: the mean of each of `width` parts, or a space if no value in a part is known.
 *
 * @param range values of the lowest and the highest bar. Default: the least and the greatest value
 */
export function sparkline(
  values: readonly Known[],
  width: number,
  range: readonly [number, number] = endsOf(values)
): string {
  const [low, high] = range
  return Array.from({ length: width }, (_, i) => {
    const from = Math.floor((i * values.length) / width)
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / width))
    const part = values.slice(from, to).filter((value) => value !== null)
    if (part.length === 0) return ' '
    const mean = part.reduce((sum, value) => sum + value, 0) / part.length
    const share = high > low ? (mean - low) / (high - low) : 0.5
    return bars[Math.min(7, Math.max(0, Math.floor(8 * share)))]!
  }).join('')
}

/** The least and the greatest known value. */
export function endsOf(values: readonly Known[]): readonly [number, number] {
  const known = values.filter((value) => value !== null)
  return [
    known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ]
}

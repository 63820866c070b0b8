import type { AnyValues, Figures, FigureValues } from './figures.ts'

/**
 * Values of a summary as its stage had them in memory: a number that is not known is NaN, where JSON has null or nothing.
 */
export function known<F extends Figures>(figures: F, values: AnyValues): FigureValues<F> {
  const numbers = Object.entries(figures).flatMap(([name, { kind, when }]) => {
    const isNumber = kind === 'scalar' || kind === 'share' || kind === 'count'
    const isMissing = values[name] === null || (values[name] === undefined && when === undefined)
    if (!isMissing) return []
    return [[name, isNumber ? Number.NaN : null] as const]
  })
  return { ...values, ...Object.fromEntries(numbers) } as FigureValues<F>
}

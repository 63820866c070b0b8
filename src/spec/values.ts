import type { AnyValues, Cell, Figure, Figures, FigureValues } from './figures.ts'

/** Values of a summary as its stage had them in memory: an unknown number, which JSON has as null or not at all, becomes NaN. */
export function known<F extends Figures>(figures: F, values: AnyValues): FigureValues<F> {
  // Keeps the order in which the values came, so that writing them again gives the same text.
  const names = new Set([...Object.keys(values), ...Object.keys(figures)])
  const read = [...names].flatMap((name) => {
    if (!Object.hasOwn(figures, name)) return []
    const [figure, value] = [figures[name]!, values[name]]
    if (value === undefined && figure.when !== undefined) return []
    return [[name, knownValue(figure, value ?? null)] as const]
  })
  const why = values.why === undefined ? {} : { why: values.why }
  return { ...Object.fromEntries(read), ...why } as FigureValues<F>
}

function knownValue(figure: Figure | Cell, value: unknown): unknown {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
    case 'count':
      return value ?? Number.NaN
    case 'rank':
      return numbers(value)
    case 'steps':
    case 'matrix': {
      if (value === null) return null
      const { values } = value as { values: unknown[] }
      return { ...(value as object), values: values.map(numbers) }
    }
    case 'table':
      return (
        (value as AnyValues[] | null)?.map((row) => known(figure.columns as Figures, row)) ?? null
      )
    default:
      return value
  }
}

function numbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => item ?? Number.NaN) : value
}

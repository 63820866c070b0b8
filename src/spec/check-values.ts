import type { AnyValues, Cell, Figure, Figures, Lines, Matrix } from './figures.ts'

/** What is wrong with a summary's values, one sentence per figure. Empty if they are as declared. */
export function valueProblems(figures: Figures, values: AnyValues): string[] {
  const undeclared = Object.keys(values).filter((name) => name !== 'why' && !(name in figures))
  const wrong = Object.entries(figures).flatMap(([name, figure]) => {
    const value = values[name]
    if (value === undefined) {
      return figure.when === undefined ? [`figure "${name}" is missing`] : []
    }
    return isValue(figure, value) ? [] : [`figure "${name}" is no ${figure.kind}`]
  })
  return [...undeclared.map((name) => `figure "${name}" is not declared`), ...wrong]
}

/** Whether an in-memory value is of a figure's kind. */
export function isValue(figure: Figure | Cell, value: unknown): boolean {
  switch (figure.kind) {
    case 'scalar':
      return isNumber(value)
    case 'share':
      return isNumber(value) && (Number.isNaN(value) || (value >= 0 && value <= 1))
    case 'count':
      return isNumber(value) && (Number.isNaN(value) || isCount(value))
    case 'verdict':
      return typeof value === 'string' && Object.hasOwn(figure.words, value)
    default:
      return value === null || isLarge(figure, value)
  }
}

function isLarge(figure: Figure | Cell, value: unknown): boolean {
  switch (figure.kind) {
    case 'interval':
      return figure.over === 'rank'
        ? isListOf(value, (item) => item === null || isPair(item))
        : isPair(value)
    case 'rank':
      return isListOf(value, isNumber)
    case 'steps': {
      const { steps, values } = value as Lines
      const fits = (line: unknown) => isListOf(line, isNumber) && line.length === steps.length
      return isListOf(steps, isCount) && isListOf(values, fits)
    }
    case 'spectrum':
      return isListOf(value, isPair)
    case 'histogram': {
      const { edges, counts } = value as { edges: unknown; counts: unknown }
      const lengths = isListOf(edges, isNumber) && isListOf(counts, isCount)
      return lengths && edges.length === counts.length + 1
    }
    case 'matrix': {
      const { rows, columns, values } = value as Matrix
      const fits = (row: unknown) => isListOf(row, isNumber) && row.length === columns.length
      return isListOf(values, fits) && values.length === rows.length
    }
    case 'table':
      return isListOf(
        value,
        (row) => valueProblems(figure.columns as Figures, row as object as AnyValues).length === 0
      )
    case 'graph': {
      const { states, transitions } = value as { states: unknown[]; transitions: unknown }
      const isState = (i: unknown) => isCount(i) && i < states.length
      return isListOf(transitions, (edge) => {
        const { from, to, count } = edge as { from: unknown; to: unknown; count: unknown }
        return isState(from) && isState(to) && isCount(count)
      })
    }
    case 'text':
      return typeof value === 'string'
    case 'weight': {
      const { tensor, index } = value as { tensor: unknown; index: unknown }
      return typeof tensor === 'string' && isCount(index)
    }
    default:
      return false
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isListOf(value: unknown, test: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(test)
}

function isPair(value: unknown): boolean {
  return isListOf(value, isNumber) && value.length === 2
}

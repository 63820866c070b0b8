import type { AnyValues } from '../spec/figures.ts'
import type { Expression, FigureName, FunctionName, Operator } from './expression.ts'

/** The value of a rule or of a part of it; undefined if it depends on an unknown value. */
export type Value = number | string | boolean | readonly unknown[] | undefined

/**
 * Evaluates a rule. A comparison with an unknown value is unknown. `and` and `or` are unknown only if neither side decides them.
 *
 * @param read the value of a figure; undefined if it is unknown
 */
export function evaluate(expression: Expression, read: (name: FigureName) => Value): Value {
  const of = (inner: Expression): Value => evaluate(inner, read)
  switch (expression.kind) {
    case 'number':
    case 'text':
      return expression.value
    case 'name':
      return read(expression)
    case 'not': {
      const value = of(expression.of)
      return value === undefined ? undefined : !value
    }
    case 'minus':
      return finite(-(of(expression.of) as number))
    case 'call':
      return called(expression.call, expression.of.map(of))
    case 'binary': {
      const { operator, left, right } = expression
      if (operator === 'and' || operator === 'or') {
        const [a, b] = [of(left), of(right)]
        const decides = operator === 'or'
        if (a === decides || b === decides) return decides
        return a === undefined || b === undefined ? undefined : !decides
      }
      return joined(operator, of(left), of(right))
    }
  }
}

/** The part of a summary's values that a name refers to, if it is a number, a text or a list. */
export function partOf(values: AnyValues, path: FigureName['path']): Value {
  let value: unknown = values
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value =
      typeof part === 'number'
        ? (value as unknown[]).at?.(part)
        : Object.hasOwn(value, part)
          ? (value as AnyValues)[part]
          : undefined
  }
  if (typeof value === 'string' || Array.isArray(value)) return value
  return finite(value)
}

function joined(operator: Operator, left: Value, right: Value): Value {
  if (left === undefined || right === undefined) return undefined
  const [a, b] = [left as number, right as number]
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '+':
      return finite(a + b)
    case '-':
      return finite(a - b)
    case '*':
      return finite(a * b)
    default:
      return finite(a / b)
  }
}

function called(call: FunctionName, values: readonly Value[]): Value {
  const [first] = values
  const list: readonly unknown[] = values.length === 1 && Array.isArray(first) ? first : values
  if (call === 'length') return Array.isArray(first) ? first.length : undefined
  const numbers = list.map(finite)
  // If some values are unknown, so is the minimum or maximum.
  if (numbers.length === 0 || numbers.includes(undefined)) return undefined
  const known = numbers as number[]
  if (call === 'abs') return Math.abs(known[0]!)
  return known.reduce((a, b) => (call === 'max' ? Math.max(a, b) : Math.min(a, b)))
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

import type { Figures } from '../spec/figures.ts'
import { alike } from '../spec/parse.ts'
import type { Expression, FigureName, RuleFault } from './expression.ts'
import { any, inWords, number, type Type, text, truth, typeOf } from './types.ts'

/** The figures that a rule may name, by stage id. A function stands for a stage whose names are not known in advance. */
export type KnownFigures = ReadonlyMap<string, Figures | ((name: string) => Figures[string])>

/** Everything that is wrong with a rule: unknown names, values of types that do not go together, a rule that is not a condition. */
export function ruleFaults(rule: Expression, known: KnownFigures): RuleFault[] {
  const faults: RuleFault[] = []
  const fault = (at: number, message: string): Type => {
    faults.push({ at, message })
    return any
  }
  const expect = (expression: Expression, wanted: Type): void => {
    const type = typed(expression)
    if (type.is === wanted.is || type.is === 'any') return
    fault(placeOf(expression), `expected ${inWords(wanted)}, got ${inWords(type)}.`)
  }

  const typed = (expression: Expression): Type => {
    switch (expression.kind) {
      case 'number':
        return number
      case 'text':
        return text
      case 'name':
        return named(expression, known, fault)
      case 'not':
        expect(expression.of, truth)
        return truth
      case 'minus':
        expect(expression.of, number)
        return number
      case 'call':
        return called(expression)
      case 'binary':
        return joined(expression)
    }
  }

  const called = ({ call, of }: Expression & { kind: 'call' }): Type => {
    const [first] = of as [Expression]
    const type = of.length === 1 && call !== 'abs' ? typed(first) : undefined
    if (type?.is === 'list' && call !== 'length' && type.of.is !== 'number') {
      return fault(placeOf(first), `${call} takes numbers, or one list of them.`)
    }
    if (type?.is === 'list' || type?.is === 'any') return number
    if (call === 'length') return fault(placeOf(first), 'length takes one list.')
    if (call === 'abs' && of.length > 1) return fault(placeOf(of[1]!), 'abs takes one number.')
    for (const argument of of) expect(argument, number)
    return number
  }

  const joined = ({ operator, left, right }: Expression & { kind: 'binary' }): Type => {
    if (operator === 'and' || operator === 'or') {
      expect(left, truth)
      expect(right, truth)
      return truth
    }
    if (operator !== '==' && operator !== '!=') {
      expect(left, number)
      expect(right, number)
      return '+-*/'.includes(operator) ? number : truth
    }
    const [a, b] = [typed(left), typed(right)]
    if (a.is === 'any' || b.is === 'any') return truth
    if (a.is !== b.is || (a.is !== 'number' && a.is !== 'text')) {
      return fault(placeOf(right), `${inWords(a)} and ${inWords(b)} cannot be compared.`)
    }
    word(a, right)
    word(b, left)
    return truth
  }

  /** Comparing a verdict with a word that it never has is a mistake. */
  const word = (type: Type, other: Expression): void => {
    if (type.is !== 'text' || !type.words || other.kind !== 'text') return
    if (type.words.includes(other.value)) return
    const message = `it never says "${other.value}". ${alike(other.value, type.words)}`
    fault(placeOf(other), message)
  }

  expect(rule, truth)
  return faults
}

/** Where a part of a rule begins, as far as that is known. */
function placeOf(expression: Expression): number {
  switch (expression.kind) {
    case 'name':
      return expression.at
    case 'not':
    case 'minus':
      return placeOf(expression.of)
    case 'call':
      return placeOf(expression.of[0]!)
    case 'binary':
      return placeOf(expression.left)
    default:
      return 0
  }
}

function named(
  { stage, path, at }: FigureName,
  known: KnownFigures,
  fault: (at: number, message: string) => Type
): Type {
  const figures = known.get(stage)
  if (figures === undefined) {
    return fault(at, `no stage here has the id "${stage}". ${alike(stage, [...known.keys()])}`)
  }
  const [name, ...rest] = path
  const key = String(name)
  const figure =
    typeof figures === 'function' ? figures(key) : Object.hasOwn(figures, key) && figures[key]
  if (!figure) {
    return fault(at, `"${stage}" has no figure "${key}". ${alike(key, Object.keys(figures))}`)
  }
  let type = typeOf(figure)
  for (const part of rest) {
    if (typeof part === 'number' && type.is === 'list') {
      type = type.of
    } else if (type.is === 'record' && Object.hasOwn(type.of, part)) {
      type = type.of[part]!
    } else {
      const has = type.is === 'record' ? alike(String(part), Object.keys(type.of)) : ''
      return fault(at, `${key} has no part ${JSON.stringify(part)}. ${has}`.trimEnd())
    }
  }
  return type
}

import { nearest } from '../spec/nearest.ts'
import {
  type Expression,
  type FigureName,
  type FunctionName,
  functions,
  type Operator,
  operators,
  type RuleFault,
} from './expression.ts'
import { type Token, tokensOf, Unreadable } from './tokens.ts'

/** Parses a rule, or says why it cannot be parsed. */
export function parseRule(
  rule: string
): { readonly expression: Expression } | { readonly fault: RuleFault } {
  try {
    return { expression: new Parser(tokensOf(rule)).all() }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { fault: error.fault }
  }
}

/** A recursive-descent parser, with one method call per level of `operators`. */
class Parser {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  all(): Expression {
    const expression = this.#level(0)
    this.#expect('end', 'an operator or the end')
    return expression
  }

  #level(level: number): Expression {
    const own = operators[level] as readonly string[] | undefined
    if (own === undefined) return this.#single()
    let left = this.#level(level + 1)
    while (own.includes(this.#token.text)) {
      const operator = this.#take().text as Operator
      const right = this.#level(level + 1)
      left = { kind: 'binary', operator, left, right }
    }
    return left
  }

  #single(): Expression {
    const token = this.#take()
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) }
    if (token.kind === 'text') return { kind: 'text', value: unquoted(token) }
    if (token.kind === 'name') return nameOf(token)
    if (token.text === '-') return { kind: 'minus', of: this.#single() }
    // `not` applies to a whole comparison: `not a > b`.
    if (token.text === 'not') return { kind: 'not', of: this.#level(2) }
    if (token.text === '(') {
      const inner = this.#level(0)
      this.#expect(')', '")"')
      return inner
    }
    if (token.kind === 'word') return this.#call(token)
    throw new Unreadable(token.at, `expected a figure or a number, got ${shown(token)}.`)
  }

  #call({ text, at }: Token): Expression {
    if (!functions.includes(text as FunctionName)) {
      const near = nearest(text, functions)
      const hint = near
        ? `Did you mean "${near}"?`
        : 'A figure is named by its stage and itself, stage.figure.'
      throw new Unreadable(at, `"${text}" is neither a function nor a figure. ${hint}`)
    }
    this.#expect('(', '"("')
    const of = [this.#level(0)]
    while (this.#token.text === ',') {
      this.#take()
      of.push(this.#level(0))
    }
    this.#expect(')', '")" or ","')
    return { kind: 'call', call: text as FunctionName, of }
  }

  get #token(): Token {
    return this.#tokens[this.#next]!
  }

  #take(): Token {
    const token = this.#token
    if (token.kind !== 'end') this.#next++
    return token
  }

  #expect(wanted: string, inWords: string): void {
    const token = this.#take()
    if (token.text === wanted || token.kind === wanted) return
    throw new Unreadable(token.at, `expected ${inWords}, got ${shown(token)}.`)
  }
}

function shown({ kind, text }: Token): string {
  return kind === 'end' ? text : JSON.stringify(text)
}

const part = /\.(\w+)|\[(-?\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g

function nameOf({ text, at }: Token): FigureName {
  const [stage] = /^[\w-]+/.exec(text)!
  const path = [...text.slice(stage.length).matchAll(part)].map(([, key, place, quoted]) =>
    place !== undefined ? Number(place) : (key ?? unquoted({ text: quoted!, at }))
  )
  return { kind: 'name', stage, path, text, at }
}

function unquoted({ text, at }: Pick<Token, 'text' | 'at'>): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw new Unreadable(at, `${text} is not a JSON string.`)
  }
}

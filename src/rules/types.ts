import type { Cell, Figure } from '../spec/figures.ts'

/** The type of a part of a rule. It follows the shape that figures have in JSON. */
export type Type =
  | { readonly is: 'number' }
  /** `words` are all values that the text can have, if they are known. */
  | { readonly is: 'text'; readonly words?: readonly string[] }
  | { readonly is: 'truth' }
  | { readonly is: 'list'; readonly of: Type }
  | { readonly is: 'record'; readonly of: { readonly [name: string]: Type } }
  /** The type of a part that is already faulty, so that no further fault is reported. */
  | { readonly is: 'any' }

export const number: Type = { is: 'number' }
export const text: Type = { is: 'text' }
export const truth: Type = { is: 'truth' }
export const any: Type = { is: 'any' }

const list = (of: Type): Type => ({ is: 'list', of })
const record = (of: { readonly [name: string]: Type }): Type => ({ is: 'record', of })
const pair = list(number)

/** The type of a figure in a rule. */
export function typeOf(figure: Figure | Cell): Type {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
    case 'count':
      return number
    case 'interval':
      return figure.over === 'rank' ? list(pair) : pair
    case 'rank':
      return list(number)
    case 'steps':
      return record({ steps: list(number), values: list(list(number)) })
    case 'spectrum':
      return list(pair)
    case 'histogram':
      return record({ edges: list(number), counts: list(number) })
    case 'matrix':
      return record({ rows: list(text), columns: list(text), values: list(list(number)) })
    case 'table': {
      const cells = Object.entries(figure.columns).map(([name, cell]) => [name, typeOf(cell)])
      return list(record(Object.fromEntries(cells)))
    }
    case 'graph':
      return record({
        states: list(text),
        transitions: list(record({ from: number, to: number, count: number })),
      })
    case 'weight':
      return record({ tensor: text, index: number })
    case 'verdict':
      return { is: 'text', words: Object.keys(figure.words) }
    case 'text':
      return text
  }
}

/** A type in words, for error messages. */
export function inWords(type: Type): string {
  switch (type.is) {
    case 'list':
      return `a list; write a place after it, such as [0]`
    case 'record':
      return `several values: ${Object.keys(type.of)
        .map((name) => `.${name}`)
        .join(', ')}`
    case 'truth':
      return 'true or false'
    default:
      return `a ${type.is}`
  }
}

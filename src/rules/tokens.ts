import { longestRule, type RuleFault } from './expression.ts'

export interface Token {
  readonly kind: 'number' | 'text' | 'name' | 'word' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

/** Thrown while a rule is read, and caught by `parseRule`. */
export class Unreadable extends Error {
  readonly fault: RuleFault

  constructor(at: number, message: string) {
    super(message)
    this.fault = { at, message }
  }
}

const part = String.raw`\.[A-Za-z_]\w*|\[-?\d{1,9}\]|\["(?:[^"\\]|\\.)*"\]`
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  // Names come before numbers and signs, because ids of stages may contain hyphens.
  ['name', new RegExp(String.raw`[A-Za-z0-9][A-Za-z0-9-]*(?=\.[A-Za-z_]|\[")(?:${part})+`, 'y')],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['text', /"(?:[^"\\]|\\.)*"/y],
  ['word', /[A-Za-z_]\w*/y],
  ['sign', /==|!=|<=|>=|[-+*/<>(),]/y],
]

/** @throws Unreadable */
export function tokensOf(rule: string): Token[] {
  if (rule.length > longestRule) {
    throw new Unreadable(longestRule, `is longer than ${longestRule} characters. Split it up.`)
  }
  const tokens: Token[] = []
  for (let at = blankEnd(rule, 0); at < rule.length; ) {
    const token = tokenAt(rule, at)
    if (token === undefined) {
      const hint = rule[at] === '=' ? ' Write "==".' : rule[at] === '&' ? ' Write "and".' : ''
      throw new Unreadable(at, `${JSON.stringify(rule[at])} has no meaning here.${hint}`)
    }
    tokens.push(token)
    at = blankEnd(rule, at + token.text.length)
  }
  return [...tokens, { kind: 'end', text: 'the end', at: rule.length }]
}

function tokenAt(rule: string, at: number): Token | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const text = pattern.exec(rule)?.[0]
    if (text !== undefined) return { kind, text, at }
  }
  return undefined
}

function blankEnd(rule: string, from: number): number {
  let at = from
  while (at < rule.length && /\s/.test(rule[at]!)) at++
  return at
}

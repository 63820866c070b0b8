/**
 * The language of alert rules, `svd.captured > 2 * svd.capturedNull and ftle.verdict == "chaotic"`: numbers, texts, figures by
 * name, arithmetic, comparisons, `and`, `or`, `not` and a few functions. It has no loops, no assignments and no access to other
 * code, so every rule ends. A rule is evaluated by walking this tree, which is plain data.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | FigureName
  | { readonly kind: 'call'; readonly call: FunctionName; readonly of: readonly Expression[] }
  | { readonly kind: 'not' | 'minus'; readonly of: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: Operator
      readonly left: Expression
      readonly right: Expression
    }

/** A figure of a stage, or a part of it: `cmd.modes[0].size`. */
export interface FigureName {
  readonly kind: 'name'
  /** The stage's id, or `metrics`, `run`. */
  readonly stage: string
  /** The figure's name, then columns and indices. A negative index counts from the end. */
  readonly path: readonly (string | number)[]
  /** The name as written in the rule. */
  readonly text: string
  /** Its position in the rule, in characters. */
  readonly at: number
}

/** From the loosest to the tightest binding. */
export const operators = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
] as const
export type Operator = (typeof operators)[number][number]

/** The functions that a rule may call, on numbers or on one list of numbers. */
export const functions = ['abs', 'min', 'max', 'length'] as const
export type FunctionName = (typeof functions)[number]

/** Longest rule, in characters. It also bounds the depth of the tree. */
export const longestRule = 1000

/** Something wrong with a rule. */
export interface RuleFault {
  /** Number of characters before it. */
  readonly at: number
  readonly message: string
}

/** All names in a rule. */
export function namesIn(expression: Expression): FigureName[] {
  switch (expression.kind) {
    case 'name':
      return [expression]
    case 'call':
      return expression.of.flatMap(namesIn)
    case 'not':
    case 'minus':
      return namesIn(expression.of)
    case 'binary':
      return [...namesIn(expression.left), ...namesIn(expression.right)]
    default:
      return []
  }
}

import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  type ParseErrorCode,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Path } from '../spec/path.ts'
import { type Problem, problem } from '../spec/problem.ts'

/** A position in a text, counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A problem and its position in the file. There is no position if the command line set the value. */
export type PlacedProblem = Problem & Partial<Place>

/** JSON with the positions of its values. */
export class JsonText {
  readonly value: unknown
  /** Syntax errors, and duplicate keys, of which JSON silently keeps the last. */
  readonly problems: readonly PlacedProblem[]
  /** Whether the meaning is clear: the only errors are surplus commas or comments. */
  readonly isClear: boolean
  readonly #text: string
  readonly #tree: Node | undefined

  constructor(text: string) {
    const errors: ParseError[] = []
    const unclear: ParseError[] = []
    this.#text = text
    parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
    this.#tree = parseTree(text, unclear, { disallowComments: false, allowTrailingComma: true })
    this.isClear = this.#tree !== undefined && unclear.length === 0
    this.value = this.#tree && getNodeValue(this.#tree)
    const first = errors.filter(({ offset }, i) => offset !== errors[i - 1]?.offset)
    this.problems = [
      ...(this.isClear ? first : errors).map(({ error, offset }) => ({
        ...problem([], `this is not JSON: ${this.isClear ? excess(error) : inWords(error)}.`),
        ...this.#placeAt(offset),
      })),
      ...(this.#tree ? this.#repeatedKeys(this.#tree, []) : []),
    ]
  }

  /** Position of a problem's value or key, or of the nearest enclosing value. */
  placeOf({ path, atKey }: Problem): Place {
    for (let depth = path.length; this.#tree && depth > 0; depth--) {
      const node = findNodeAtLocation(this.#tree, [...path.slice(0, depth)])
      if (node)
        return this.#placeAt(atKey && depth === path.length ? node.parent!.offset : node.offset)
    }
    return this.#placeAt(this.#tree?.offset ?? 0)
  }

  #placeAt(offset: number): Place {
    const before = this.#text.slice(0, offset).split('\n')
    return { line: before.length, column: before.at(-1)!.length + 1 }
  }

  #repeatedKeys({ type, children = [] }: Node, path: Path): PlacedProblem[] {
    const seen = new Set<string>()
    return children.flatMap((child, i) => {
      if (type === 'array') return this.#repeatedKeys(child, [...path, i])
      const [key, value] = child.children ?? []
      const name = key?.value as string
      const own = [...path, name]
      const twice = {
        ...problem(own, `key "${name}" is there twice.`),
        ...this.#placeAt(child.offset),
      }
      const repeated = seen.has(name) ? [twice] : []
      seen.add(name)
      return [...repeated, ...(value ? this.#repeatedKeys(value, own) : [])]
    })
  }
}

/** What is surplus, if everything else is clear. */
function excess(error: ParseErrorCode): string {
  const isComment = printParseErrorCode(error) === 'InvalidCommentToken'
  return isComment ? 'it has no comments. Leave this out' : 'there is a comma too many before this'
}

/** Converts `CommaExpected` to `comma expected`. */
function inWords(error: ParseErrorCode): string {
  return printParseErrorCode(error)
    .replace(/\B[A-Z]/g, ' $&')
    .toLowerCase()
}

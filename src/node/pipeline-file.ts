import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import { ThalwegError } from '../error.ts'
import { lintPipeline, type Pipeline, type Registry } from '../pipeline/pipeline.ts'
import { nearest } from '../spec/nearest.ts'
import { formatPath, type Path } from '../spec/path.ts'
import { type Problem, problemText } from '../spec/problem.ts'
import { applySetting, type Setting } from './set.ts'

/** A problem and where it stands in the file; without a place where the command line set the value. */
export interface PlacedProblem extends Problem {
  readonly line?: number
  readonly column?: number
}

export interface PipelineFile {
  /** Path as the user knows it. */
  readonly file: string
  readonly pipeline: Pipeline
  readonly problems: readonly PlacedProblem[]
}

const shipped = new URL('../../pipelines/', import.meta.url)

/** Names of the pipelines that ship with the package. */
export function shippedPipelines(): string[] {
  return readdirSync(shipped)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort()
}

/** The file of a pipeline: a bare name is one of the shipped ones, anything else a path. */
export function pipelinePath(name: string): string {
  if (/[/\\.]/.test(name)) return name
  const names = shippedPipelines()
  if (names.includes(name)) return fileURLToPath(new URL(`${name}.json`, shipped))
  const near = nearest(name, names)
  throw new ThalwegError(
    'E_CONFIG',
    `no pipeline "${name}" ships with thalweg. ${near ? `Did you mean "${near}"?` : `There are: ${names.join(', ')}.`} ` +
      `A file is given by its path: ./${name}.json`
  )
}

/**
 * Reads a pipeline's file and finds all that is wrong with it, with line and column.
 *
 * @param name a shipped pipeline's name or a path
 * @param settings values of the command line, set before the pipeline is checked
 * @throws E_INPUT when there is no such file
 */
export function readPipeline(
  name: string,
  settings: readonly Setting[],
  registry: Registry
): PipelineFile {
  const file = pipelinePath(name)
  const text = readText(file)
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  let input: unknown = tree && getNodeValue(tree)
  const set: Path[] = []
  for (const setting of settings) {
    const applied = applySetting(input, setting)
    input = applied.input
    set.push(applied.path)
  }
  const { pipeline, problems } = lintPipeline(input, registry)
  const syntax = errors.map(({ error, offset }) => ({
    ...problem([], `this is not JSON: ${printParseErrorCode(error)}`),
    ...position(text, offset),
  }))
  const placed = problems.map((problem) => {
    const elsewhere = set.some((path) => startsWith(problem.path, path))
    const offset = elsewhere || !tree ? undefined : offsetOf(tree, problem)
    return offset === undefined ? problem : { ...problem, ...position(text, offset) }
  })
  const found = [...(tree ? repeatedKeys(tree, text) : []), ...placed]
  const inOrder = syntax.length > 0 ? syntax : found.sort(byPosition)
  return { file, pipeline, problems: inOrder }
}

/** A pipeline that can be run. @throws the first problem's code, with all problems in its message */
export function loadPipeline(
  name: string,
  settings: readonly Setting[],
  registry: Registry
): PipelineFile {
  const read = readPipeline(name, settings, registry)
  const errors = read.problems.filter(({ level }) => level === 'error')
  if (errors.length > 0) {
    const lines = errors.map((error) => placedText(read.file, error))
    throw new ThalwegError(errors[0]!.code, lines.join('\n'), { path: formatPath(errors[0]!.path) })
  }
  return read
}

/** `file:line:column level path: message`, as editors and terminals link it. */
export function placedText(file: string, problem: PlacedProblem): string {
  const place = problem.line === undefined ? '' : `:${problem.line}:${problem.column}`
  return `${file}${place} ${problem.level} ${problemText(problem)}`
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, ' ')
  } catch (cause) {
    throw new ThalwegError(
      'E_INPUT',
      `pipeline "${file}" cannot be read: ${(cause as Error).message}.`,
      {
        cause,
      }
    )
  }
}

/** JSON keeps the last of two equal keys silently. */
function repeatedKeys(node: Node, text: string, path: Path = []): PlacedProblem[] {
  const seen = new Set<string>()
  return (node.children ?? []).flatMap((child, i) => {
    if (node.type === 'array') return repeatedKeys(child, text, [...path, i])
    const [key, value] = child.children ?? []
    const name = key?.value as string
    const own = [...path, name]
    const twice = problem(own, `key "${name}" is there twice.`)
    const repeated = seen.has(name) ? [{ ...twice, ...position(text, child.offset) }] : []
    seen.add(name)
    return [...repeated, ...(value ? repeatedKeys(value, text, own) : [])]
  })
}

/** Offset of the value, or of what is nearest to it on the way there. */
function offsetOf(tree: Node, { path, atKey }: Problem): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = findNodeAtLocation(tree, [...path.slice(0, depth)])
    if (node) return atKey && depth === path.length ? node.parent!.offset : node.offset
  }
  return tree.offset
}

function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

function byPosition(a: PlacedProblem, b: PlacedProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, i) => path[i] === part)
}

function problem(path: Path, message: string): Problem {
  return { level: 'error', code: 'E_CONFIG', path, message }
}

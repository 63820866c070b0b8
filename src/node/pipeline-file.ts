import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { ThalwegError } from '../error.ts'
import { lintPipeline, type Pipeline, type Registry } from '../pipeline/pipeline.ts'
import { formatPath, type Path } from '../spec/path.ts'
import { problemText } from '../spec/problem.ts'
import { isStray } from '../wire/stray.ts'
import { JsonText, type PlacedProblem } from './json-text.ts'
import { applySetting, type Setting } from './set.ts'
import { pipelinePath } from './shipped.ts'
import { loadUsed } from './use.ts'

export interface PipelineFile {
  /** The path as the user gave it. */
  readonly file: string
  readonly pipeline: Pipeline
  /** Its JSON, including the values that the command line sets. */
  readonly input: unknown
  /** The components that it may name: those that ship, and the exports of the modules in its `use`. */
  readonly registry: Registry
  readonly problems: readonly PlacedProblem[]
}

/**
 * Reads a pipeline's file, loads the modules in its `use`, and finds all mistakes, with line and column.
 *
 * @param name a shipped pipeline's name or a path
 * @param settings values from the command line, set before the pipeline is checked
 * @throws E_INPUT if there is no such file, E_USAGE if a setting has no place in it
 *
 * @example
 * ```ts
 * const { file, problems } = await readPipeline('./mine.json', [], registry)
 * ```
 */
export async function readPipeline(
  name: string,
  settings: readonly Setting[],
  shipped: Registry
): Promise<PipelineFile> {
  const file = pipelinePath(name)
  const json = new JsonText(readText(file))
  let input = json.value
  const set: Path[] = []
  for (const setting of settings) {
    const applied = applySetting(input, setting)
    input = applied.input
    set.push(applied.path)
  }
  const used = await loadUsed(input, shipped)
  const { registry } = used
  const { pipeline, problems } = lintPipeline(used.input, registry)
  const placed = [...used.problems, ...problems].map((problem) => {
    const elsewhere = set.some((path) => startsWith(problem.path, path))
    return elsewhere ? problem : { ...problem, ...json.placeOf(problem) }
  })
  const found = json.isClear ? [...json.problems, ...placed] : json.problems
  return { file, pipeline, input: used.input, registry, problems: [...found].sort(byPlace) }
}

/**
 * Reads a pipeline that is ready to run.
 *
 * @throws the first problem's code, with all problems in its message
 *
 * @example
 * ```ts
 * const { pipeline } = await loadPipeline('default', [parseSetting('stages.svd.rank=8')], registry)
 * ```
 */
export async function loadPipeline(
  name: string,
  settings: readonly Setting[],
  registry: Registry
): Promise<PipelineFile> {
  const read = await readPipeline(name, settings, registry)
  const errors = read.problems.filter(({ level }) => level === 'error')
  if (errors.length > 0) {
    const lines = errors.map((error) => placedText(read.file, error))
    throw new ThalwegError(errors[0]!.code, lines, { path: formatPath(errors[0]!.path) })
  }
  return read
}

/**
 * `file:line:column level path: message`, which editors and terminals can link. For a value from the command line, `--set` stands in
 * place of file, line and column.
 *
 * @example
 * ```ts
 * for (const problem of problems) console.error(placedText(file, problem))
 * ```
 */
export function placedText(file: string, problem: PlacedProblem): string {
  const { line, column, level } = problem
  const place = line === undefined ? '--set' : `${file}:${line}:${column}`
  return `${place} ${level} ${problemText(problem)}`
}

/** The same as an object for programs. */
export function placedJson(file: string, problem: PlacedProblem): object {
  const { line, column, level, code, path, message } = problem
  return { file, line, column, level, code, path: formatPath(path), message }
}

function readText(file: string): string {
  try {
    if (!beginsAsStream(file)) return readFileSync(file, 'utf8').replace(/^\uFEFF/, ' ')
  } catch (cause) {
    const { message } = cause as Error
    throw new ThalwegError('E_INPUT', `pipeline "${file}" cannot be read: ${message}.`, { cause })
  }
  throw new ThalwegError(
    'E_CONFIG',
    `pipeline "${file}" is not JSON but looks like a stream. Give it as --input ${file}`
  )
}

/** Whether a file's first byte may begin a frame. No JSON begins like this. */
function beginsAsStream(file: string): boolean {
  if (!statSync(file).isFile()) return false // what was read from a pipe cannot be read again
  const descriptor = openSync(file, 'r')
  try {
    const head = new Uint8Array(1)
    readSync(descriptor, head)
    return !isStray(head[0]!)
  } finally {
    closeSync(descriptor)
  }
}

function byPlace(a: PlacedProblem, b: PlacedProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}

function startsWith(path: Path, start: Path): boolean {
  return start.every((part, i) => path[i] === part)
}

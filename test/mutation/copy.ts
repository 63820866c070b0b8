// A copy of the repository whose sources hold every mutant behind a switch, and what its tests run.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { commonTokens } from '@stryker-mutator/api/plugin'
import { createInstrumenter, type Instrumenter } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'

/** Where mutants are made. Words are left alone: a message that reads otherwise breaks nothing. */
const mutated = /^src\/(stages|engine|wire|edge)\/.*\.ts$/
const excludedMutations = ['StringLiteral', 'Regex']

export interface Mutant {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly mutator: string
  /** What stands there, and what stands there instead. */
  readonly original: string
  readonly replacement: string
}

/** A logger that says nothing, whatever it is asked. */
const silent = new Proxy({}, { get: () => () => false })

/** Copies the repository to a folder and puts all mutants into its sources; they sleep until one is named. */
export async function mutatedCopy(folder: string): Promise<Mutant[]> {
  const files = tracked()
  for (const file of files) place(folder, file, readFileSync(file))
  for (const made of ['dist', 'schema']) cpSync(made, join(folder, made), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const sources = files.filter((file) => mutated.test(file) && !file.endsWith('.gen.ts'))
  const injector = createInjector().provideValue(commonTokens.logger, silent as never)
  const instrumenter: Instrumenter = injector.injectFunction(createInstrumenter)
  const { files: out, mutants } = await instrumenter.instrument(
    sources.map((name) => ({ name, content: readFileSync(name, 'utf8'), mutate: true })),
    { excludedMutations, ignorers: [], plugins: null, noHeader: false }
  )
  for (const { name, content } of out) place(folder, name, content)
  const texts = new Map(sources.map((name) => [name, readFileSync(name, 'utf8').split('\n')]))
  return mutants.map(({ id, fileName, location, mutatorName, replacement }) => ({
    id,
    file: fileName,
    line: location.start.line + 1,
    mutator: mutatorName,
    original: between(texts.get(fileName)!, location.start, location.end),
    replacement,
  }))
}

/** Tracked files and those that the build makes beside sources. */
function tracked(): string[] {
  const list = (args: string[]) =>
    execFileSync('git', ['ls-files', ...args], { encoding: 'utf8' })
      .trim()
      .split('\n')
  return [...list([]), ...list(['--others', '--ignored', '--exclude-standard', 'src'])]
}

function place(folder: string, file: string, content: string | Uint8Array): void {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

interface Position {
  readonly line: number
  readonly column: number
}

function between(lines: readonly string[], start: Position, end: Position): string {
  const own = lines.slice(start.line, end.line + 1)
  own[own.length - 1] = own.at(-1)!.slice(0, end.column)
  own[0] = own[0]!.slice(start.column)
  return own.join('\n')
}

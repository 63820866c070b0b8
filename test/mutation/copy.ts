// The mutants of the sources, and a copy of the repository that holds some of them, each behind a switch.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { commonTokens } from '@stryker-mutator/api/plugin'
import { createInstrumenter, type Instrumenter } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'

/** Where mutants are made. Words are left alone: a message that reads otherwise breaks nothing. */
const mutated = /^src\/(stages|engine|wire|edge)\/.*\.ts$/
const excludedMutations = ['StringLiteral', 'Regex']

interface Position {
  readonly line: number
  readonly column: number
}

interface Place {
  readonly start: Position
  readonly end: Position
}

export interface Mutant {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly place: Place
  readonly mutator: string
  /** What stands there, and what stands there instead. */
  readonly original: string
  readonly replacement: string
}

/** A logger that says nothing, whatever it is asked. */
const silent = new Proxy({}, { get: () => () => false })

/** All mutants that there are. */
export async function allMutants(): Promise<Mutant[]> {
  const { mutants } = await instrumented(new Map(sources().map((name) => [name, true])))
  return mutants
}

/** Copies the repository to a folder with these mutants in its sources; they sleep until one is named. Gives them as they are named there. */
export async function mutatedCopy(folder: string, drawn: readonly Mutant[]): Promise<Mutant[]> {
  for (const file of tracked()) place(folder, file, readFileSync(file))
  for (const made of ['dist', 'schema']) cpSync(made, join(folder, made), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  // Only where a drawn mutant is: switches everywhere make hot loops ten times slower.
  const places = new Map<string, Place[]>()
  for (const { file, place } of drawn) places.set(file, [...(places.get(file) ?? []), place])
  const { files, mutants } = await instrumented(places)
  for (const { name, content } of files) place(folder, name, content)
  return drawn.map((wanted) => {
    const there = mutants.find((mutant) => isDeepStrictEqual({ ...mutant, id: wanted.id }, wanted))
    if (there === undefined) throw new Error(`${wanted.file}:${wanted.line} holds no such mutant`)
    return there
  })
}

async function instrumented(places: ReadonlyMap<string, true | Place[]>) {
  const injector = createInjector().provideValue(commonTokens.logger, silent as never)
  const instrumenter: Instrumenter = injector.injectFunction(createInstrumenter)
  const texts = new Map([...places.keys()].map((name) => [name, readFileSync(name, 'utf8')]))
  const { files, mutants } = await instrumenter.instrument(
    [...places].map(([name, mutate]) => ({ name, content: texts.get(name)!, mutate })),
    { excludedMutations, ignorers: [], plugins: null, noHeader: false }
  )
  return {
    files,
    mutants: mutants.flatMap((made) => {
      if (made.status === 'Ignored') return [] // of an excluded kind, and in no source
      const { id, fileName, location, mutatorName, replacement } = made
      const mutant: Mutant = {
        id,
        file: fileName,
        line: location.start.line + 1,
        place: location,
        mutator: mutatorName,
        original: between(texts.get(fileName)!.split('\n'), location),
        replacement,
      }
      return [mutant]
    }),
  }
}

function sources(): string[] {
  return tracked().filter((file) => mutated.test(file) && !file.endsWith('.gen.ts'))
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

function between(lines: readonly string[], { start, end }: Place): string {
  const own = lines.slice(start.line, end.line + 1)
  own[own.length - 1] = own.at(-1)!.slice(0, end.column)
  own[0] = own[0]!.slice(start.column)
  return own.join('\n')
}

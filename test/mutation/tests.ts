// Runs test files in the copy, alone, with one mutant awake or with none.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Mutant } from './copy.ts'

/** What a test file reaches, and how long it takes. */
export interface Reach {
  readonly file: string
  readonly seconds: number
  readonly mutants: ReadonlySet<string>
}

/** The tests of the mutated rooms and of the walls between them. Those of sinks, sources and programs would add little and take hours. */
const tester = /^(components|edge|engine|golden|kernels|linalg|pipeline|rules|spec|stages?|wire)\b/
/** These run against the clock, which a busy machine cannot hold, or take minutes. */
const left = /^(edge\/(attack|storm)|wire\/(fuzz|python))/

export function testFiles(folder = 'test'): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .filter((file) => tester.test(file) && !left.test(file))
    .sort()
}

/** Runs a test file without a mutant; undefined if it does not pass. */
export async function reachOf(folder: string, file: string): Promise<Reach | undefined> {
  const noted = mkdtempSync(join(folder, 'coverage-'))
  const { passed, seconds } = await run(folder, file, 600, { MUTANT_COVERAGE: noted })
  if (!passed) return undefined
  const mutants = readdirSync(noted).flatMap(
    (name) => JSON.parse(readFileSync(join(noted, name), 'utf8')) as string[]
  )
  return { file, seconds, mutants: new Set(mutants) }
}

/** The test files that reach a mutant, those of its own folder first, each time the quickest first. */
export function reaching(mutant: Mutant, reaches: readonly Reach[]): Reach[] {
  const far = (reach: Reach): number => (isNear(mutant, reach) ? 0 : 1)
  return reaches
    .filter(({ mutants }) => mutants.has(mutant.id))
    .sort((a, b) => far(a) - far(b) || a.seconds - b.seconds)
}

/** Whether a test file is of the folder that a mutant is in. */
export function isNear({ file }: Mutant, reach: Reach): boolean {
  return dirname(relative('src', file)).startsWith(dirname(reach.file))
}

/** Whether a test file fails with this mutant awake; one that no longer ends has failed. */
export async function kills(folder: string, reach: Reach, mutant: string): Promise<boolean> {
  const limit = 20 + 4 * reach.seconds
  const { passed } = await run(folder, reach.file, limit, { __STRYKER_ACTIVE_MUTANT__: mutant })
  return !passed
}

function run(
  folder: string,
  file: string,
  limit: number,
  env: NodeJS.ProcessEnv
): Promise<{ passed: boolean; seconds: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', 'tools/test/main.ts', file], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
    env: {
      ...process.env,
      ...env,
      NODE_OPTIONS: `--import=${resolve('test/mutation/note.mjs')}`,
    },
  })
  return new Promise((done) => {
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 1e3 * limit)
    child.once('exit', (code) => {
      clearTimeout(timer)
      try {
        process.kill(-child.pid!, 'SIGKILL') // what the test left behind
      } catch {}
      done({ passed: code === 0, seconds: (performance.now() - began) / 1e3 })
    })
  })
}

// `node --import tsx experiments/phases/run.ts [--full] [--seeds 20]`: phases of sparse parity and of MNIST, fitted over seeds.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { publish } from '../lib/page.ts'
import { strips } from '../lib/strips.ts'
import { table } from '../lib/table.ts'

const { values } = parseArgs({
  options: { full: { type: 'boolean', default: false }, seeds: { type: 'string' } },
})
const { full } = values
const seeds = Number(values.seeds ?? (full ? 40 : 20))
const main = fileURLToPath(new URL('../../dist/node/cli/main.js', import.meta.url))

/** What `thalweg phases fit --json` prints, as far as it is read here. */
interface Fit {
  readonly verdict: string
  readonly shape: string
  readonly model: { readonly start: readonly number[] }
  readonly comparison: Readonly<
    Record<'gain' | 'gainError' | 'states' | 'time' | 'timeAndMemory', number>
  >
  readonly map: {
    readonly transitions: readonly {
      from: number
      to: number
      runs: number
      step: number
      changes: readonly { metric: string; by: number }[]
    }[]
    readonly paths: readonly (readonly number[])[]
  }
  readonly detours?: {
    readonly explained: number
    readonly probability: number
    readonly states: readonly { readonly state: number; readonly perShare: number }[]
  }
  readonly converged: readonly (number | null)[]
}

interface Task {
  readonly name: string
  readonly recipe: readonly string[]
  readonly runs: number
  readonly converged: string
}

const parity: Task = {
  name: 'sparse parity',
  recipe: ['sparse-parity', '--steps', '2000', '--every', '20'],
  runs: seeds,
  converged: 'accuracy>0.9',
}
const adam = ['--optimizer', 'adamw', '--learning-rate', '0.001', '--weight-decay', '0.01']
const control: Task = {
  name: 'MNIST',
  recipe: full
    ? ['mnist-phases', '--every', '10']
    : ['mnist-mlp', ...adam, '--steps', '300', '--every', '5'],
  runs: full ? seeds : Math.ceil(seeds / 2),
  converged: 'accuracy>0.95',
}

/** Trains a task from as many seeds and fits the phases that its runs go through. */
function fitOf({ name, recipe, runs, converged }: Task): Fit {
  const folder = mkdtempSync(join(tmpdir(), 'phases-'))
  try {
    const paths = Array.from({ length: runs }, (_, seed) => {
      const path = join(folder, `${seed}.thalweg`)
      const file = openSync(path, 'w')
      const told = ['train', ...recipe, '--seed', String(seed), '--quiet']
      execFileSync(process.execPath, [main, ...told], { stdio: ['ignore', file, 'inherit'] })
      closeSync(file)
      process.stderr.write(`${name}: trained ${seed + 1} of ${runs}\n`)
      return path
    })
    const search = full ? [] : ['--states', '6', '--restarts', '2']
    const options = ['--every', '1', '--converged', converged, ...search, '--json']
    const told = ['phases', 'fit', ...paths, ...options]
    const output = execFileSync(process.execPath, [main, ...told], { maxBuffer: 2 ** 28 })
    return JSON.parse(String(output)) as Fit
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The orders in which runs first come to states, each with how many take it, the commonest first. */
function routesOf(paths: readonly (readonly number[])[]): [route: string, runs: number][] {
  const found = new Map<string, number>()
  for (const path of paths) {
    const route = [...new Set(path)].join('-')
    found.set(route, (found.get(route) ?? 0) + 1)
  }
  return [...found].sort((a, b) => b[1] - a[1])
}

const tasks = [parity, control]
const fits = tasks.map(fitOf)

const row = (name: string, of: (fit: Fit, task: Task) => string | number) => [
  name,
  ...fits.map((fit, i) => of(fit, tasks[i]!)),
]
const steps = ({ converged }: Fit): number[] => converged.filter((own) => own !== null)
const found = table([
  ['', ...tasks.map(({ name }) => name)],
  row('runs', (_, { runs }) => runs),
  row('of these converged', (fit, { converged }) => `${steps(fit).length} (${converged})`),
  row('first step of it', (fit) => `${Math.min(...steps(fit))} to ${Math.max(...steps(fit))}`),
  row('states by BIC', ({ model, shape }) => `${model.start.length}, ${shape}`),
  row('held out, a look: states', ({ comparison }) => comparison.states.toFixed(2)),
  row('time', ({ comparison }) => comparison.time.toFixed(2)),
  row('time and the last look', ({ comparison }) => comparison.timeAndMemory.toFixed(2)),
  row(
    'gain of states over the better',
    ({ comparison: { gain, gainError } }) => `${gain.toFixed(2)} ± ${gainError.toFixed(2)}`
  ),
  row('verdict', ({ verdict }) => verdict),
  row('routes', ({ map }) => routesOf(map.paths).length),
  row('the commonest', ({ map }) => {
    const [[route, runs]] = routesOf(map.paths) as [[string, number]]
    return `${route}, ${runs} runs`
  }),
  row('time in states explains', ({ detours }) =>
    detours ? `${(100 * detours.explained).toFixed(0)} % (p = ${detours.probability})` : 'too few'
  ),
  row('detours', ({ detours }) => detours?.states.map(({ state }) => state).join(', ') || 'none'),
])

const [{ map, converged }] = fits as [Fit, Fit]
const order = converged
  .map((step, seed) => ({ seed, step: step ?? Number.POSITIVE_INFINITY }))
  .sort((a, b) => a.step - b.step)
const picture = strips(
  'Sparse parity: state of each run over 2,000 steps; the white mark is convergence',
  order.map(({ seed, step }) => ({
    name: `seed ${seed}`,
    states: map.paths[seed]!,
    ...(Number.isFinite(step) ? { mark: step / 2000 } : {}),
  }))
)
publish(new URL('.', import.meta.url), found, picture)

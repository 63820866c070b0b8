import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../src/stages/cmd/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import { analyseFile, hasPython, recordings, recordTraining, reference } from './recorded.ts'
import { type Fit, factoringSvd, fittingCmd } from './tapped.ts'

/** SGD on MNIST, 784-16-10, against LAPACK, a batch fit and the same nulls in NumPy, all in float64. */
const trajectory = suite('a recorded training')
const test = hasPython ? trajectory : trajectory.skip
if (!hasPython) console.log('  (skipped: python3 with msgpack, numpy, scipy and torch is not here)')

const steps = 500
const block = 16
const rank = 16
const columns = 32
const modes = 10
/** The last step of the last full block. */
const committed = steps - (steps % block)

const folder = recordings()
const recording = join(folder, 'mnist.thalweg')

interface Spectrum {
  readonly singularValues: number[]
  readonly energy: number
  readonly captured: number
}

interface SvdValues extends Spectrum {
  readonly upperBounds: number[]
  readonly capturedNull: number
  readonly projectionErrorBound: number
}

interface CmdValues {
  readonly modes: { readonly reference: { readonly tensor: string; readonly index: number } }[]
  readonly window: readonly [number, number]
  readonly constants: number
  readonly leftOut: number
  readonly explained: number
  readonly explainedNull: number
  readonly explainedNullError: number
  readonly meanAbsCorrelation: number
}

trajectory.before(() => {
  if (hasPython) recordTraining(recording, ['--hidden', '16', '--steps', `${steps}`])
})

test("has LAPACK's singular values within every bound", async () => {
  const values = svdOf(recording, rank)
  const truth = await reference<Spectrum>('svd', recording, '--rank', rank)
  const tolerances = { 1: 1e-3, 2: 1e-3, 3: 1e-3, 4: 1e-3, 8: 5e-3, 16: 5e-2 }
  for (const [i, tolerance] of Object.entries(tolerances)) {
    near(values.singularValues[+i - 1]!, truth.singularValues[+i - 1]!, tolerance, `sigma ${i}`)
  }
  near(values.captured, truth.captured, 1e-2, 'captured')
  near(values.energy, truth.energy, 1e-9, 'energy')
  assert.is(values.upperBounds.length, rank)
  values.upperBounds.forEach((bound, i) => {
    const sigma = truth.singularValues[i]!
    const rounding = sigma * 1e-7
    assert.ok(
      values.singularValues[i]! <= sigma + rounding,
      `sigma ${i + 1} is not above the truth`
    )
    assert.ok(sigma <= bound, `sigma ${i + 1} is not above its bound`)
  })
})

test('is projected by the directions with no more error than the bound', async () => {
  const { stage, factor } = factoringSvd({ rank, columns }, committed)
  const to = { block, select: { to: committed } }
  const { projectionErrorBound } = analyseFile(recording, to, stage).get('svd')! as SvdValues
  const directions = join(folder, 'directions.f32')
  writeFileSync(directions, Float32Array.from(factor.slice(0, rank).flat()))
  const { projectionError, least } = await reference<{ projectionError: number; least: number }>(
    ...['projection', recording, '--directions', directions, '--to', committed]
  )
  assert.ok(projectionError <= projectionErrorBound, `${projectionError}, ${projectionErrorBound}`)
  near(projectionError, least, 1e-2, 'projection error')
  near(projectionErrorBound, least, 1e-2, 'its bound')
})

test('of rank 8 has its singular values to 1e-6', async () => {
  const projected = join(folder, 'rank8.thalweg')
  await reference('project', recording, '--rank', 8, '--out', projected)
  const values = svdOf(projected, 8)
  const truth = await reference<Spectrum>('svd', projected, '--rank', 8)
  assert.is(values.singularValues.length, 8)
  values.singularValues.forEach((sigma, i) => {
    near(sigma, truth.singularValues[i]!, 1e-6, `sigma ${i + 1}`)
    assert.ok(truth.singularValues[i]! <= values.upperBounds[i]!, `bound ${i + 1}`)
  })
  near(values.captured, truth.captured, 1e-6, 'captured')
})

test('has the modes that the same method finds in NumPy', async () => {
  for (const seed of [0, 3]) {
    const values = analyseFile(recording, { block }, cmd({ modes, seed })).get('cmd') as CmdValues
    const truth = await reference<CmdValues & { references: string[]; chance: number[] }>(
      ...['stream', recording, '--modes', modes, '--block', block, '--seed', seed]
    )
    assert.equal(namesOf(values), truth.references)
    near(values.explained, truth.explained, 1e-4, 'explained')
    near(values.meanAbsCorrelation, truth.meanAbsCorrelation, 1e-4, 'mean |corr|')
    const { mean, error } = moments(truth.chance)
    const off = Math.abs(values.explainedNull - mean) / (Math.SQRT2 * error)
    assert.ok(off <= 3, `chance: ${values.explainedNull}, expected ${mean} ± ${error}`)
    const scatter = values.explainedNullError / (error * Math.sqrt(17))
    assert.ok(scatter > 0.5 && scatter < 2, `chance scatters by ${values.explainedNullError}`)
  }
})

test('has the fit of a batch with the same references, up to what the columns leave out', async () => {
  const { stage, fit } = fittingCmd({ modes }, committed)
  const to = { block, select: { to: committed } }
  const values = analyseFile(recording, to, stage).get('cmd')! as CmdValues
  const truth = await reference<Fit & CmdValues>(
    ...['cmd', recording, '--references', ...namesOf(values), '--to', committed]
  )
  assert.equal(values.window, [1, committed])
  const off = truth.explained - values.explained
  assert.ok(off > -1e-4 && off < 1e-3, `explained is off by ${off}`)
  near(values.meanAbsCorrelation, truth.meanAbsCorrelation, 2e-3, 'mean |corr|')
  assert.is(values.constants, truth.constants)
  const moving = fit.assignment.filter((mode) => mode >= 0)
  assert.is(moving.length, fit.assignment.length - truth.constants)
  const same = fit.assignment.filter((mode, i) => mode === truth.assignment[i]).length
  assert.ok(same > 0.97 * fit.assignment.length, `${same} of ${fit.assignment.length}`)
  const errors = fit.a.flatMap((slope, i) =>
    fit.assignment[i] === truth.assignment[i] && truth.a[i] !== 0
      ? [Math.abs(slope / truth.a[i]! - 1)]
      : []
  )
  errors.sort((p, q) => p - q)
  const median = errors[Math.floor(errors.length / 2)]!
  assert.ok(median < 5e-3, `slopes are off by ${median} in the median`)
})

test('has the null that NumPy has, over 20 seeds', async () => {
  const seeds = 20
  const settings = { rank, columns, block, seeds }
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const theirs = reference<{ captured: number[] }>('null', recording, ...options)
  const ours: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const values = analyseFile(recording, { block, seed }, svd({ rank, columns }))
    ours.push((values.get('svd')! as SvdValues).capturedNull)
  }
  const [a, b] = [moments(ours), moments((await theirs).captured)]
  const off = Math.abs(a.mean - b.mean) / Math.hypot(a.error, b.error)
  assert.ok(off <= 3, `captured: ${a.mean}, expected ${b.mean}, off by ${off} standard errors`)
})

/** The references, as test/golden/reference.py names them. */
function namesOf({ modes: found }: CmdValues): string[] {
  return found.map(({ reference: { tensor, index } }) => `${tensor}:${index}`)
}

function svdOf(path: string, rank: number): SvdValues {
  return analyseFile(path, { block }, svd({ rank, columns })).get('svd')! as SvdValues
}

function near(value: number, truth: number, relative: number, name: string): void {
  const error = Math.abs(value - truth) / truth
  assert.ok(error <= relative, `${name}: ${value}, expected ${truth}, off by ${error}`)
}

/** Mean and its standard error. */
function moments(numbers: readonly number[]): { mean: number; error: number } {
  const n = numbers.length
  const mean = numbers.reduce((sum, value) => sum + value, 0) / n
  const square = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, error: Math.sqrt(square / (n - 1) / n) }
}

trajectory.run()

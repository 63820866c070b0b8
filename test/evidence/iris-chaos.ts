// Reproduces the network exponent of Danovski, Soriano and Lacasa (2024) with TensorFlow.js: `npm run evidence:chaos`.
//
// Iris, 4-10-3, full-batch gradient descent at learning rate 1, 200 iterations, in float32 with perturbations of 1e-6. Each
// initialisation is trained with five perturbed members; its stream goes through `ftle`, whose separations the paper's own
// estimator is applied to. An argument sets the number of initialisations.
import { from, lastValueFrom } from 'rxjs'
import { analyse, ftle, readFrames } from '../../src/index.ts'
import { irisChaos } from '../../src/node/train/recipes/iris-chaos.ts'
import { train } from '../../src/node/train/train.ts'
import { type Nmle, nmle } from '../../src/stages/ftle/nmle.ts'
import type { FtleValues } from '../../src/stages/ftle/spec.ts'
import { nmleOver } from './nmle.ts'

/** Mean and scatter, from the paper's figure and from 500 trainings of the same map in NumPy. */
const references = [
  ['published, float64, 1e-8', '0.284 ± 0.10, about 450 of 500 kept'],
  ['published, float64, 1e-6', '0.248'],
  ['NumPy, float32, 1e-6', '0.253'],
]
const expected = 0.253

const count = Number(process.argv[2] ?? 100)
const paper: Record<'l1' | 'l2', (Nmle | undefined)[]> = { l1: [], l2: [] }
const own: number[] = []
const verdicts = new Map<string, number>()
const start = performance.now()
for (let seed = 0; seed < count; seed++) {
  const { exponents, verdict, separations, separationSums } = await analysed(seed)
  paper.l1.push(nmle(separationSums!.values))
  paper.l2.push(nmle(separations!.values))
  verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
  if (verdict === 'chaotic') own.push(exponents![0]!)
  if (seed % 10 === 9) console.error(`${seed + 1} of ${count}, ${seconds()} s`)
}

const l1 = nmleOver(paper.l1)
const l2 = nmleOver(paper.l2)
const rows = [
  ["TF.js, float32, 1e-6: the paper's, L1", `${scatter(l1)}, ${l1.kept} of ${l1.of} kept`],
  ["                      the paper's, L2", `${scatter(l2)}, ${l2.kept} of ${l2.of} kept`],
  ["                      ftle's, L2", `${scatter(momentsOf(own))}, ${own.length} chaotic`],
  ...references,
]
console.log(`Exponent per iteration, ${count} initialisations, ${seconds()} s`)
for (const [what, figure] of rows) console.log(`  ${what!.padEnd(40)}${figure}`)
console.log(`  verdicts: ${[...verdicts].map(([name, n]) => `${n} ${name}`).join(', ')}`)
const error = l1.deviation / Math.sqrt(l1.kept)
if (!(Math.abs(l1.mean - expected) < 3 * error)) {
  console.error(
    `${l1.mean.toFixed(3)} is not within 3 standard errors (${error.toFixed(4)}) of ${expected}`
  )
  process.exitCode = 1
}

async function analysed(seed: number): Promise<FtleValues> {
  const stream = train(irisChaos, { seed, backend: 'wasm' })
  const frames = from(readFrames(stream))
  const block = await lastValueFrom(frames.pipe(analyse(ftle({ norms: ['l1', 'l2'] }))))
  return block.summaries.find(({ type }) => type === 'ftle')!.values as unknown as FtleValues
}

function momentsOf(values: readonly number[]) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

function scatter({ mean, deviation }: { mean: number; deviation: number }): string {
  return `${mean.toFixed(3)} ± ${deviation.toFixed(3)}`
}

function seconds(): string {
  return ((performance.now() - start) / 1000).toFixed(0)
}

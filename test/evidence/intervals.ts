// How often the 95 % intervals of `koopman` hold the eigenvalues of a noisy linear system whose map is known, over 500 runs of 1,024
// steps, and how wide they are beside the true scatter.
//
//   node --import tsx test/evidence/intervals.ts [runs]
import { blocks, frames, lastOf, runOf } from '../stages/koopman/runs.ts'

const runs = Number(process.argv[2] ?? 500)
const steps = 1024
const transient = 400
/** Modulus and angle. */
const truth = [
  [0.95, 0.3],
  [0.9, 0],
  [0.6, 0],
] as const

const held = { modulus: [0, 0, 0], frequency: [0, 0, 0] }
const found = truth.map((): number[] => [])
const widths = truth.map(() => 0)
for (let seed = 1; seed <= runs; seed++) {
  const run = runOf(blocks([0.95, 0.3], 0.9, 0.6), {
    steps: transient + steps,
    noise: 1,
    seed,
    rows: 4,
    start: [0, 0, 0, 0],
  })
  const { modes } = lastOf(frames([run.slice(transient)]), { svd: false })
  truth.forEach(([modulus, angle], i) => {
    const mode = modes![i]!
    const [low, high] = mode.modulusInterval!
    const [from, to] = mode.frequencyInterval!
    const frequency = angle / (2 * Math.PI)
    held.modulus[i]! += Number(low <= modulus && modulus <= high)
    held.frequency[i]! += Number(from <= frequency && frequency <= to)
    found[i]!.push(mode.modulus)
    widths[i]! += (high - low) / runs
  })
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
truth.forEach(([modulus, angle], i) => {
  const mean = found[i]!.reduce((sum, value) => sum + value, 0) / runs
  const scatter = Math.sqrt(found[i]!.reduce((sum, value) => sum + (value - mean) ** 2, 0) / runs)
  const turns = angle > 0 ? `, frequency ${percent(held.frequency[i]! / runs)}` : ''
  console.log(
    `${modulus}${angle > 0 ? ` turning by ${angle}` : ''}: modulus held in ${percent(held.modulus[i]! / runs)}${turns}; ` +
      `mean estimate ${mean.toFixed(4)}, interval ${(widths[i]! / (3.92 * scatter)).toFixed(2)} times as wide as the true one`
  )
})

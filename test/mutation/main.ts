// Mutation score of the tests: `npm run mutate [-- COUNT] [--only 3,20-40]`. Draws mutants by a fixed seed over the sources whose
// faults would be figures, wakes each in turn, runs the tests that reach it, and counts those that some test notices. All tests
// of its own folder are tried, and then others for `patience` seconds: the score is the least that the tests reach.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { random } from '../engine/frames.ts'
import { allMutants, type Mutant, mutatedCopy } from './copy.ts'
import { isNear, kills, type Reach, reaching, reachOf, testFiles } from './tests.ts'

interface Equivalent extends Pick<Mutant, 'file' | 'mutator' | 'original' | 'replacement'> {
  readonly reason: string
}

const { values: options, positionals } = parseArgs({
  options: { only: { type: 'string' } },
  allowPositionals: true,
})
const count = Number(positionals[0] ?? 320)
const seed = 2026
const patience = 60
const folder = mkdtempSync(join(tmpdir(), 'thalweg-mutants-'))
const say = (text: string): unknown => process.stderr.write(`${text}\n`)

try {
  const all = await allMutants()
  const drawn = await mutatedCopy(folder, draw(all, count))
  const tried = [...drawn.entries()].filter(([i]) => isWanted(i + 1))
  say(`${all.length} mutants, ${drawn.length} drawn by seed ${seed}, ${tried.length} tried`)
  const reaches: Reach[] = []
  await each(testFiles(), async (file) => {
    const reach = await reachOf(folder, file)
    if (reach) reaches.push(reach)
    else say(`${file} does not pass without a mutant and is left out`)
  })
  const equivalents = JSON.parse(
    readFileSync('test/mutation/equivalent.json', 'utf8')
  ) as Equivalent[]
  const survivors: Mutant[] = []
  const equivalent: Equivalent[] = []
  await each(tried, async ([i, mutant]) => {
    const killer = await killerOf(mutant, reaches)
    say(`${i + 1} ${where(mutant)}: ${killer ?? 'SURVIVES'}`)
    if (killer) return
    const known = equivalents.find((other) => isSame(other, mutant))
    if (known) equivalent.push(known)
    else survivors.push(mutant)
  })
  report(tried.length, survivors, equivalent)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function killerOf(mutant: Mutant, reaches: readonly Reach[]): Promise<string | undefined> {
  let seconds = 0
  for (const reach of reaching(mutant, reaches)) {
    if (!isNear(mutant, reach)) seconds += reach.seconds
    if (seconds > patience) break
    if (await kills(folder, reach, mutant.id)) return reach.file
  }
  return undefined
}

/** Works on as many items at a time as there are processors. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const waiting = [...items]
  const slot = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, slot))
}

function report(
  drawn: number,
  survivors: readonly Mutant[],
  equivalent: readonly Equivalent[]
): void {
  const counted = drawn - equivalent.length
  const killed = counted - survivors.length
  for (const mutant of survivors) {
    console.log(
      `${where(mutant)}\n  - ${oneLine(mutant.original)}\n  + ${oneLine(mutant.replacement)}`
    )
  }
  for (const { file, original, replacement, reason } of equivalent) {
    console.log(
      `${file}: ${oneLine(original)} → ${oneLine(replacement)} changes nothing: ${reason}`
    )
  }
  const score = ((100 * killed) / counted).toFixed(1)
  console.log(
    `${killed} of ${counted} mutants killed: ${score} % (${equivalent.length} equivalent)`
  )
}

function draw(all: readonly Mutant[], count: number): Mutant[] {
  const next = random(seed)
  return all
    .map((mutant) => ({ mutant, key: next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ mutant }) => mutant)
}

/** Whether `--only` names a mutant by its place in the draw, from 1 on. */
function isWanted(place: number): boolean {
  const ranges = options.only?.split(',').map((range) => range.split('-').map(Number))
  return ranges?.some(([from, to = from]) => from! <= place && place <= to!) ?? true
}

function where({ file, line, mutator }: Mutant): string {
  return `${file}:${line} ${mutator}`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 160)
}

function isSame(a: Omit<Equivalent, 'reason'>, b: Mutant): boolean {
  return (
    a.file === b.file &&
    a.mutator === b.mutator &&
    oneLine(a.original) === oneLine(b.original) &&
    oneLine(a.replacement) === oneLine(b.replacement)
  )
}

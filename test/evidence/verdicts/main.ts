// Verdicts against known truth, through the whole analysis: `npm run evidence:verdicts`.
//
// Thresholds were chosen on seeds 0 to 39; the table is of others. Options: --first SEED (default 100), --seeds COUNT (default
// 20), --detail (a line for each seed), --nulls RUNS (false positives over so many runs of each null instead); other arguments
// choose situations by parts of their names.
import { parseArgs } from 'node:util'
import { battery, doubts } from './battery.ts'
import { judged } from './judge.ts'
import { nullLines } from './nulls.ts'
import { Tally } from './tally.ts'

const { values: options, positionals: names } = parseArgs({
  options: {
    first: { type: 'string', default: '100' },
    seeds: { type: 'string', default: '20' },
    detail: { type: 'boolean', default: false },
    nulls: { type: 'string', default: '0' },
  },
  allowPositionals: true,
})
const [first, count] = [Number(options.first), Number(options.seeds)]
if (options.nulls !== '0') {
  for (const line of nullLines(first, Number(options.nulls), names)) console.log(line)
  process.exit()
}

const chosen = [...battery, ...doubts].filter(
  ({ name }) => names.length === 0 || names.some((part) => name.includes(part))
)
const tally = new Tally()
console.log(`${chosen.length} situations, seeds ${first} to ${first + count - 1}\n`)
for (const situation of chosen) {
  const found = Array.from({ length: count }, (_, i) => judged(situation, first + i))
  if (options.detail) for (const { seed, ...rest } of found) console.log(seed, JSON.stringify(rest))
  console.log(tally.add(situation, found))
}
console.log(`\n${tally.table()}\n`)
for (const { line, isMet } of tally.goals()) {
  console.log(isMet ? 'met:   ' : 'MISSED:', line)
  if (!isMet) process.exitCode = 1
}

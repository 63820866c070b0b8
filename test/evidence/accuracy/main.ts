// Every accuracy goal at its full length, through the engine: `npm run evidence`. Arguments choose rows by their ids.
import { cpus } from 'node:os'
import { cmdRows } from './cmd.ts'
import { ftleRows } from './ftle.ts'
import { localRows } from './local.ts'
import { matrixRows } from './matrices.ts'
import { sketchRows } from './sketch.ts'
import { svdRows } from './svd.ts'

const chosen = process.argv.slice(2)
const rows = [
  ...svdRows,
  ...sketchRows,
  ...ftleRows,
  ...localRows,
  ...cmdRows,
  ...matrixRows,
].filter(({ id }) => chosen.length === 0 || chosen.includes(id))
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

console.log(`Node ${process.versions.node}, ${cpus()[0]?.model}, one thread\n`)
console.log(line(['row', 'problem', 'reference', 'reached', 'goal', 'met', 'seconds']))
console.log(line(Array(7).fill('---')))
for (const { id, problem, reference, goal, reach } of rows) {
  const start = performance.now()
  const { figure, met } = await reach()
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  if (!met) process.exitCode = 1
  console.log(line([id, problem, reference, figure, goal, met ? 'yes' : 'no', seconds]))
}

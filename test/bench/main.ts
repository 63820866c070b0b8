// `npm run bench [part ...]`, the parts in order: kernels against ceilings, matrices beside ml-matrix, the whole against its peers,
// what reading columns once would bring, the default pipeline as a process, its cost by size and length, what stages add to
// others, what each must spend, what the tap costs a trainer, processes' first steps in each runtime. All on one thread in one run.
import { cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { kernelKind } from '../../src/kernels/arena.ts'
import { addedTable } from './added.ts'
import { coldStartTable } from './cold-start.ts'
import { kernelTable } from './kernels.ts'
import { limitTable } from './limits.ts'
import { matrixTable } from './matrices.ts'
import { onePassTable } from './one-pass.ts'
import { peerTables } from './peers.ts'
import { pipelineTables } from './pipeline.ts'
import { lengthTable, sizeTable } from './scaling.ts'
import { tapTable } from './tap.ts'

// Node 20 has relaxed SIMD behind this flag; later ones always.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const relaxed = kernelKind('fast') === 'relaxed'

const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  kernels: () => kernelTable(relaxed ? ['base', 'relaxed'] : ['base'], 30),
  matrices: () => matrixTable(relaxed ? ['base', 'relaxed'] : ['base'], 10),
  peers: () => peerTables(relaxed, 5),
  'one-pass': () => onePassTable(12),
  pipeline: () => pipelineTables(5),
  scaling: () => `${sizeTable()}\n\n${lengthTable()}`,
  added: addedTable,
  limits: () => limitTable(3),
  tap: () => tapTable(60),
  'cold-start': () => coldStartTable(5),
}

const chosen = process.argv.slice(2)
for (const part of chosen) {
  if (!Object.hasOwn(parts, part)) {
    throw new Error(`bench: no part "${part}". There are: ${Object.keys(parts).join(', ')}.`)
  }
}
console.log(`${cpus()[0]!.model}, ${process.arch}, Node ${process.version}\n`)
for (const [part, run] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(part)) console.log(`${await run()}\n`)
}

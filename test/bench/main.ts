// `npm run bench [kernels|peers|cold-start]`: kernels against ceilings, the whole against its peers, on one thread in one
// run; processes' first steps in each runtime.
import { cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { kernelKind } from '../../src/kernels/arena.ts'
import { coldStartTable } from './cold-start.ts'
import { kernelTable } from './kernels.ts'
import { peerTables } from './peers.ts'

// Node 20 has relaxed SIMD behind this flag; later ones always.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const parts = process.argv.slice(2)
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part)
const relaxed = kernelKind('fast') === 'relaxed'

console.log(`${cpus()[0]!.model}, ${process.arch}, Node ${process.version}\n`)
if (wants('kernels')) {
  console.log(`${await kernelTable(relaxed ? ['base', 'relaxed'] : ['base'], 30)}\n`)
}
if (wants('peers')) console.log(`${await peerTables(relaxed, 3)}\n`)
if (wants('cold-start')) console.log(await coldStartTable(5))

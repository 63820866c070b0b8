// `npm run bench [kernels|peers]`: kernels against ceilings, the whole against its peers, all on one thread in one run.
import { cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'

// Node 20 has relaxed SIMD behind this flag; later ones always.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const { kernelKind } = await import('../../src/kernels/arena.ts')
const { kernelTable } = await import('./kernels.ts')

const parts = process.argv.slice(2)
const wants = (part: string): boolean => parts.length === 0 || parts.includes(part)

console.log(`${cpus()[0]!.model}, ${process.arch}, Node ${process.version}\n`)
const builds =
  kernelKind('fast') === 'relaxed' ? (['base', 'relaxed'] as const) : (['base'] as const)
if (wants('kernels')) console.log(`${await kernelTable(builds, 7)}\n`)

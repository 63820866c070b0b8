import { basename } from 'node:path'
import asc from 'assemblyscript/asc'

interface Peaks {
  peak_f32(n: number, x: number, y: number): number
  peak_f64(n: number, x: number, y: number): number
}

const turns = 1 << 18
/** Multiply-adds of one turn, two flops each. */
const chains = 12

/** What the hardware gives at most, as tasks to time beside the kernels, with the work that each does. */
export interface Ceiling {
  readonly run: () => void
  /** Flops or bytes. */
  readonly work: number
}

/** The peaks of 128-bit multiply-adds in one build: separate multiplication and addition in `base`, fused in `relaxed`. */
export async function peaks(build: 'base' | 'relaxed'): Promise<{ f32: Ceiling; f64: Ceiling }> {
  const kernels = await compile(build)
  return {
    f32: { run: () => void kernels.peak_f32(turns, 0.999, 0.001), work: 2 * 4 * chains * turns },
    f64: { run: () => void kernels.peak_f64(turns, 0.999, 0.001), work: 2 * 2 * chains * turns },
  }
}

/** A plain copy beyond the caches; what is read and what is written both count. */
export function plainCopy(): Ceiling {
  const bytes = 64 << 20
  const memory = new Uint8Array(2 * bytes).fill(1)
  return { run: () => void memory.copyWithin(bytes, 0, bytes), work: 2 * bytes }
}

async function compile(build: string): Promise<Peaks> {
  let binary: Uint8Array<ArrayBuffer> | undefined
  const { error, stderr } = await asc.main(
    ['test/bench/assembly/ceiling.ts', '--target', build, '--outFile', 'ceiling.wasm'],
    {
      writeFile: (path, data) => {
        if (basename(path) === 'ceiling.wasm') binary = Uint8Array.from(data as Uint8Array)
      },
    }
  )
  if (error || !binary) throw new Error(`ceiling (${build}): ${error?.message}\n${stderr}`)
  const { instance } = await WebAssembly.instantiate(binary, {
    env: { memory: new WebAssembly.Memory({ initial: 1 }) },
  })
  return instance.exports as unknown as Peaks
}

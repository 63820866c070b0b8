import { ThalwegError } from '../error.ts'

/** Stands for every reference where modules come compiled: such runtimes have WebAssembly, and bundles for them no fallback. */
export function reference(): never {
  throw new ThalwegError(
    'E_KERNEL',
    'kernels: this bundle was made for a runtime with WebAssembly, and here is none. Bundle without its condition.'
  )
}

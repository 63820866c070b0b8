import { ThalwegError } from '../error.ts'

/** Replaces every reference where modules come compiled. Such runtimes have WebAssembly, so bundles for them contain no fallback. */
export function reference(): never {
  throw new ThalwegError(
    'E_KERNEL',
    'kernels: this bundle was made for a runtime with WebAssembly, and here is none. Bundle without its condition.'
  )
}

import { instantiateSync } from '@assemblyscript/loader'
import { hasRelaxed } from '#kernels/relaxed'
import { ThalwegError } from '../error.ts'

/** How a shard's kernels run: base SIMD, relaxed SIMD, or the reference in plain TypeScript. */
export type KernelKind = 'base' | 'relaxed' | 'js'

/**
 * A compiled `WebAssembly.Module` if the runtime forbids compiling, else its bytes in base64. The type does not name the
 * `WebAssembly` namespace, because only the types of browsers declare it, and programs for Node alone do without them.
 */
export type ModuleSource = object | string

/** The functions that a module exports, each with its parameters in order. */
type WasmFunctions = Readonly<Record<string, (...values: number[]) => number>>

/**
 * The kernels of one stage: both builds, with functions that call them by parameter names, and a reference that computes the same
 * on a plain buffer. Builds and reference are imported as `#wasm/...` and `#reference/...`, so that a bundle gets them in the form
 * that its runtime takes.
 */
export interface KernelSource<Kernels> {
  readonly name: string
  readonly modules: { readonly base: ModuleSource; readonly relaxed: ModuleSource }
  readonly bind: (wasm: WasmFunctions) => Kernels
  readonly reference: (buffer: ArrayBuffer) => Kernels
}

/** Regions begin here, since address 0 stands for no region. */
const bottom = 64
const pageBytes = 1 << 16

/** Most bytes of an arena. The end of its last region must also be a 32-bit address. */
export const arenaLimit = 65_535 * pageBytes - bottom

/**
 * One linear memory per shard. All of it is reserved at creation, so views of it stay valid. Regions are handed out from the
 * bottom, 64-byte aligned. Nothing is freed before the run ends.
 */
export class Arena {
  readonly kind: KernelKind
  readonly buffer: ArrayBuffer
  readonly #memory: WebAssembly.Memory | undefined
  readonly #bytes: Uint8Array
  readonly #loaded = new Map<string, unknown>()
  #top = bottom

  /** @param bytes the total of `regionBytes` over all regions that will be taken */
  constructor(bytes: number, kind: KernelKind) {
    this.kind = kind
    const pages = Math.ceil((bottom + bytes) / pageBytes)
    if (kind === 'js') {
      this.buffer = new ArrayBuffer(pages * pageBytes)
    } else {
      this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
      this.buffer = this.#memory.buffer as ArrayBuffer
    }
    this.#bytes = new Uint8Array(this.buffer)
  }

  /** Takes a zeroed region and returns its address. */
  take(bytes: number): number {
    const address = this.#top
    this.#top += regionBytes(bytes)
    if (this.#top > this.buffer.byteLength) {
      throw new ThalwegError(
        'E_MEMORY',
        `the arena of ${this.buffer.byteLength} bytes is full: a region of ${bytes} bytes was not planned`
      )
    }
    return address
  }

  f64(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.buffer, address, length)
  }

  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.buffer, address, length)
  }

  u8(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, address, length)
  }

  u32(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.buffer, address, length)
  }

  /** Copies bytes from one address to another. */
  copy(from: number, to: number, bytes: number): void {
    this.#bytes.copyWithin(to, from, from + bytes)
  }

  /** The kernels of a module, instantiated on this memory only once. */
  kernels<K>(source: KernelSource<K>): K {
    let kernels = this.#loaded.get(source.name) as K | undefined
    if (kernels === undefined) {
      kernels = this.kind === 'js' ? source.reference(this.buffer) : this.#instantiate(source)
      this.#loaded.set(source.name, kernels)
    }
    return kernels
  }

  #instantiate<K>(source: KernelSource<K>): K {
    const module = compiled(source.modules[this.kind === 'relaxed' ? 'relaxed' : 'base'])
    const { exports } = instantiateSync(module, { env: { memory: this.#memory! } })
    return source.bind(exports as unknown as WasmFunctions)
  }
}

/** Bytes that a region of this size takes in an arena. */
export function regionBytes(bytes: number): number {
  return Math.ceil(bytes / 64) * 64
}

const compiledModules = new Map<string, WebAssembly.Module>()

function compiled(source: ModuleSource): WebAssembly.Module {
  if (typeof source !== 'string') return source as WebAssembly.Module
  let module = compiledModules.get(source)
  if (module === undefined) {
    module = new WebAssembly.Module(Uint8Array.from(atob(source), (c) => c.charCodeAt(0)))
    compiledModules.set(source, module)
  }
  return module
}

/** The kind of kernels that this runtime gets in a mode. `strict` never uses relaxed SIMD. */
export function kernelKind(mode: 'strict' | 'fast'): KernelKind {
  if (typeof WebAssembly === 'undefined') return 'js'
  return mode === 'fast' && hasRelaxed() ? 'relaxed' : 'base'
}

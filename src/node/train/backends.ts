import { createRequire } from 'node:module'
import type * as TensorFlow from '@tensorflow/tfjs'
import { ThalwegError } from '../../error.ts'
import { registerMissingWasmKernels } from '../../tfjs/wasm-kernels.ts'
import { AbsentPeer, requirePeer } from '../peers.ts'

export type TF = typeof TensorFlow

/** TF.js's own names for its backends, the fastest first. */
export const backendNames = ['tensorflow', 'wasm', 'cpu'] as const
export type BackendName = (typeof backendNames)[number]

export interface Backend {
  readonly tf: TF
  readonly name: BackendName
  /** Says which backend it is, and why none of those before it works. */
  readonly about: string
}

const packages: Readonly<Record<BackendName, string>> = {
  tensorflow: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs',
}

/** What to install for a backend. The WASM backend is easy to install and fast. */
const installs = {
  tensorflow: packages.tensorflow,
  wasm: `${packages.cpu} ${packages.wasm}`,
  cpu: packages.cpu,
}

/**
 * Loads TF.js and activates a backend: the requested one, or else the first that works.
 *
 * @param load loads a package by its name
 * @throws E_PEER if the requested backend, or every one, does not work here
 */
export async function loadBackend(
  wanted: BackendName | 'auto' = 'auto',
  load: (name: string) => unknown = requirePeer
): Promise<Backend> {
  const failures: string[] = []
  for (const name of wanted === 'auto' ? backendNames : [wanted]) {
    const started = await startBackend(name, load)
    if (typeof started !== 'string') {
      const about = [`training with TF.js on ${titles[name]}`, ...failures].join('; ')
      return { tf: started, name, about }
    }
    failures.push(started)
  }
  const install = installs[wanted === 'auto' ? 'wasm' : wanted]
  throw new ThalwegError(
    'E_PEER',
    `backend "${wanted}": ${[...new Set(failures)].join('; ')}. TF.js is an optional peer: npm install ${install}`
  )
}

/** TF.js with this backend active, or the reason why it does not work here. */
export async function startBackend(
  name: BackendName,
  load: (name: string) => unknown = requirePeer
): Promise<TF | string> {
  try {
    const tf = loaders[name](load)
    const starts = await withoutHandlers(() => tf.setBackend(name))
    return starts ? tf : `${packages[name]} cannot start here`
  } catch (error) {
    return explain(packages[name], error)
  }
}

const titles: Readonly<Record<BackendName, string>> = {
  tensorflow: 'TensorFlow (tfjs-node)',
  wasm: 'its WASM backend',
  cpu: 'its plain JavaScript backend, which is slow',
}

const loaders: Readonly<Record<BackendName, (load: (name: string) => unknown) => TF>> = {
  tensorflow(load) {
    restoreUtil()
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
    process.env.TF_ENABLE_ONEDNN_OPTS ??= '0' // oneDNN sums in another order and writes to stderr
    return load(packages.tensorflow) as TF
  },
  wasm(load) {
    const tf = load(packages.cpu) as TF
    load(packages.wasm)
    registerMissingWasmKernels(tf)
    return tf
  },
  cpu: (load) => load(packages.cpu) as TF,
}

/**
 * Runs a function and removes the handlers of uncaught errors that it leaves behind. Those of Emscripten, in the WASM backend,
 * print its whole minified source with any error of the process.
 */
async function withoutHandlers<T>(run: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = new Set<unknown>(events.flatMap((event) => process.listeners(event as never)))
  try {
    return await run()
  } finally {
    for (const event of events) {
      for (const listener of process.listeners(event as never)) {
        if (!before.has(listener)) process.off(event, listener)
      }
    }
  }
}

/** Restores two functions of `util` that tfjs-node calls and Node 23 removed. */
function restoreUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  util.isArray ??= Array.isArray
}

/** Why a package did not load: it is not installed, its native part is missing, or something else is wrong. */
function explain(name: string, error: unknown): string {
  if (error instanceof AbsentPeer) return `${error.peer} is not installed`
  const { message } = error as Error
  if (message.includes('native addon module')) {
    return `${name} is there without its native addon (npm rebuild ${name} --build-addon-from-source)`
  }
  return `${name} does not load: ${message.split('\n', 1)[0]}`
}

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { runInContext } from 'node:vm'
import type { Plugin } from 'esbuild'
import type { Task } from './programs/task.ts'

const require = createRequire(resolve('test/runtimes/package.json'))

/** Why the edge runtime's context cannot be had, if it cannot. */
export const noEdgeLight = missing()

/** Bundles `.wasm?module` as Next.js does: as a global, which holds the module when the bundle is run. */
export const modulesAsGlobals: Plugin = {
  name: 'modules as globals',
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({
      path: path.replace('?module', ''),
      namespace: 'module',
    }))
    build.onLoad({ filter: /./, namespace: 'module' }, ({ path }) => ({
      contents: `export default ${globalOf(path)}`,
    }))
  },
}

/**
 * Does a task in a context that has what Vercel's edge runtime has and makes no code at run time, neither of text nor of
 * bytes.
 *
 * @param wasm the folder of the modules that the bundle names
 */
export async function inEdgeLight(
  bundle: string,
  wasm: string,
  task: Task,
  recording: Uint8Array
): Promise<string> {
  const { EdgeVM } = require('@edge-runtime/vm') as typeof import('@edge-runtime/vm')
  const vm = new EdgeVM({
    codeGeneration: { strings: false, wasm: false },
    extend: (context) => Object.assign(context, modulesIn(wasm)),
  })
  runInContext(`${foreignModules}\n${readFileSync(bundle, 'utf8')}`, vm.context)
  const { perform } = vm.context as unknown as typeof import('./programs/task.ts')
  return perform(task, recording)
}

/** The context is a realm of its own, and modules that are made outside are no instances of its classes. */
const foreignModules = `Object.defineProperty(WebAssembly.Module, Symbol.hasInstance, {
  value: (it) => Object.prototype.toString.call(it) === '[object WebAssembly.Module]',
})`

function modulesIn(folder: string): Record<string, WebAssembly.Module> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.wasm'))
  const module = (name: string) => new WebAssembly.Module(readFileSync(join(folder, name)))
  return Object.fromEntries(files.map((name) => [globalOf(name), module(name)]))
}

function globalOf(path: string): string {
  return basename(path).replace(/\W/g, '_')
}

function missing(): string | undefined {
  try {
    require.resolve('@edge-runtime/vm')
    return undefined
  } catch {
    return 'test/runtimes is not installed'
  }
}

import { copyFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { installPacked } from '../support/packed.ts'
import { modulesAsGlobals } from './edge-light.ts'

export const recording = resolve('test/fixtures/mnist.thalweg')

/** Where the programs lie for each kind of host. */
export interface Programs {
  /** An ES module that imports the installed package. */
  readonly command: string
  /** Folders of bundles with the recording beside them, with wasm files where the host wants these. */
  readonly worker: string
  readonly page: string
  /** A script for the edge runtime, and the folder of its modules. */
  readonly edgeLight: string
  readonly wasm: string
}

/**
 * Makes the programs that run in every runtime, out of the package as it ships: packed, unpacked beside them, and found
 * by its name alone, through `exports` and `imports`.
 */
export async function makePrograms(): Promise<Programs> {
  const { folder } = installPacked('runtimes')
  const plain = join(folder, 'programs')
  await bundle({
    entryPoints: ['command', 'worker', 'page', 'edge-light'].map(
      (name) => `test/runtimes/programs/${name}.ts`
    ),
    outdir: plain,
    packages: 'external',
    platform: 'neutral',
    external: ['node:*'],
  })
  const edgeLight = join(folder, 'edge-light.js')
  await build({
    entryPoints: [join(plain, 'edge-light.js')],
    outfile: edgeLight,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    conditions: ['edge-light', 'worker'],
    plugins: [modulesAsGlobals],
    platform: 'browser',
  })
  const [worker, page] = [join(folder, 'worker'), join(folder, 'page')]
  await bundle({
    entryPoints: [join(plain, 'worker.js')],
    outdir: worker,
    conditions: ['workerd', 'worker'],
    loader: { '.wasm': 'copy' },
    platform: 'browser',
  })
  await bundle({ entryPoints: [join(plain, 'page.js')], outdir: page, platform: 'browser' })
  for (const folder of [worker, page]) copyFileSync(recording, join(folder, 'recording'))
  writeFileSync(join(page, 'index.html'), '<script type="module" src="page.js"></script>\n')
  const wasm = join(folder, 'node_modules/thalweg/dist/wasm')
  return { command: join(plain, 'command.js'), worker, page, edgeLight, wasm }
}

async function bundle(options: BuildOptions): Promise<void> {
  await build({ bundle: true, splitting: true, format: 'esm', target: 'es2022', ...options })
}

import { copyFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { installPacked } from '../support/packed.ts'

export const recording = resolve('test/fixtures/mnist.thalweg')

/** Where the programs lie for each kind of host. */
export interface Programs {
  /** An ES module that imports the installed package. */
  readonly command: string
  /** Folders of bundles with the recording beside them, with wasm files where the host wants these. */
  readonly worker: string
  readonly page: string
}

/**
 * Makes the programs that run in every runtime, out of the package as it ships: packed, unpacked beside them, and found
 * by its name alone, through `exports` and `imports`.
 */
export async function makePrograms(): Promise<Programs> {
  const { folder } = installPacked('runtimes')
  const plain = join(folder, 'programs')
  await bundle({
    entryPoints: ['command', 'worker', 'page'].map((name) => `test/runtimes/programs/${name}.ts`),
    outdir: plain,
    packages: 'external',
    platform: 'neutral',
    external: ['node:*'],
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
  return { command: join(plain, 'command.js'), worker, page }
}

async function bundle(options: BuildOptions): Promise<void> {
  await build({ bundle: true, splitting: true, format: 'esm', target: 'es2022', ...options })
}

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Bundles programs of the source for Node, each under its own name in one folder: they start at once, and threads find
 * theirs as they do in the package.
 */
export async function bundled(...programs: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  await build({
    entryPoints: programs,
    entryNames: '[name]',
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    format: 'esm',
    target: 'es2022',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`,
    },
  })
  return folder
}

/** Bundles the command line with all its threads; `main.js` starts it. */
export const bundledCommandLine = (): Promise<string> =>
  bundled('src/node/cli/main.ts', 'src/node/threads/worker.ts', 'src/node/ahead/pipe-thread.ts')

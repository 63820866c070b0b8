// Builds everything that is not written by hand: kernels (assembly -> dist/wasm), the registries of components
// (src/**/registry.gen.ts), JavaScript and types (src -> dist), then the JSON Schema and the reference tables.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { compileKernels } from './kernels.mjs'
import { writeBuild, writeRegistries } from './registries.mjs'

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist/wasm', { recursive: true })
await compileKernels('dist/wasm')
writeRegistries()
writeBuild()
run('node_modules/.bin/tsc', ['-p', '.'])
run(process.execPath, ['tools/reference.mjs'])

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// Builds everything that is not written by hand: kernels (assembly -> dist/wasm) and their signatures (src/**/kernels.gen.ts),
// the registries of components (src/**/registry.gen.ts), JavaScript and types (src -> dist), then the JSON Schema and the
// reference tables.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { compileKernels } from './kernels.mjs'
import { writeBuild, writeRegistries } from './registries.mjs'

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist/wasm', { recursive: true })
for (const file of readdirSync('src', { recursive: true })) {
  if (file.endsWith('.gen.ts')) rmSync(`src/${file}`)
}
await compileKernels('dist/wasm')
writeRegistries()
writeBuild()
run('node_modules/.bin/tsc', ['-p', '.'])
run(process.execPath, ['tools/reference.mjs'])

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

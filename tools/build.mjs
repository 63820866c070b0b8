// Builds everything that is not written by hand: kernels (assembly -> dist/wasm) and their signatures (src/**/kernels.gen.ts),
// the registries of components (src/**/registry.gen.ts), the bundled part of msgpackr, the report's page
// (src/sinks/report/page.gen.ts), JavaScript and types (src -> dist), and finally the JSON Schemas, the reference tables and the
// pages of functions.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { compileKernels } from './kernels.mjs'
import { writePage } from './page.mjs'
import { writeBuild, writeRegistries } from './registries.mjs'

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist/wasm', { recursive: true })
for (const file of readdirSync('src', { recursive: true })) {
  if (file.endsWith('.gen.ts')) rmSync(`src/${file}`)
}
await compileKernels('dist/wasm')
carryMsgpackr('dist/vendor/msgpackr')
writeRegistries()
writeBuild()
await writePage()
run('node_modules/.bin/tsc', ['-p', '.'])
run(process.execPath, ['tools/reference.mjs'])
run(process.execPath, ['tools/api.mjs'])

/** Bundles msgpackr with the package. As a dependency it would bring an addon with an install script, which we do not use. */
function carryMsgpackr(folder) {
  const home = 'node_modules/msgpackr'
  const { version } = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'))
  const licence = readFileSync(`${home}/LICENSE`, 'utf8').trim().replaceAll('*/', '* /')
  mkdirSync(folder, { recursive: true })
  for (const name of ['pack', 'unpack']) {
    const code = readFileSync(`${home}/${name}.js`, 'utf8')
    // msgpackr's own builds without generated code do the same.
    const plain = code.replace('new Function(', 'new BlockedFunction(')
    writeFileSync(`${folder}/${name}.js`, `/*! msgpackr ${version}\n\n${licence}\n*/\n${plain}`)
  }
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

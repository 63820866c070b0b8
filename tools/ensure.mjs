// Installs and builds what is missing. Returns at once if nothing is missing.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const newest = (...paths) => Math.max(...paths.filter(existsSync).flatMap(times))

if (
  newest('node_modules/.package-lock.json') < newest('package-lock.json') ||
  !existsSync('node_modules/.bin/asc')
) {
  console.error('installing dependencies ...')
  run('npm', ['ci', '--no-audit', '--no-fund'])
}
if (
  !existsSync('dist/index.js') ||
  newest('dist/index.js') <
    newest('src', 'assembly', 'tools', 'package.json', 'tsconfig.json', 'asconfig.json')
) {
  console.error('building ...')
  run(process.execPath, ['tools/build.mjs'])
}

function times(path) {
  if (path.endsWith('.gen.ts')) return [0]
  if (!statSync(path).isDirectory()) return [statSync(path).mtimeMs]
  return [0, ...readdirSync(path).flatMap((name) => times(join(path, name)))]
}

function run(command, args) {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}

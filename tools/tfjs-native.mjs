// Makes the native addon of @tensorflow/tfjs-node, whose install script package.json forbids. It uses the package's own installer
// if the downloads are available. Otherwise (on Linux) it builds the addon against the libraries in TensorFlow's Python wheel,
// which export the C API that the addon needs. The result is in .cache/tfjs-native and is linked into the package, so it survives
// `npm ci`. Returns at once if the addon is there.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

const tensorflow = '2.21.0'
const installerMs = 300_000

const require = createRequire(import.meta.url)
const manifest = require.resolve('@tensorflow/tfjs-node/package.json')
const home = dirname(manifest)
const cache = resolve('.cache/tfjs-native')
const cached = join(cache, `tfjs-node-${require(manifest).version}-tensorflow-${tensorflow}`)
const parts = ['deps', 'lib']

if (!works()) {
  if (existsSync(cached)) link(cached)
  if (!works() && !installs()) build()
  if (!works()) fail('the addon was made and does not load; see the error above')
  console.error('tfjs-node: its addon is there now')
}

/**
 * Whether the addon loads and multiplies. This is tested in another process, because a module that failed to load cannot be
 * loaded again.
 */
function works() {
  const program = `
    const util = require('node:util')
    util.isNullOrUndefined ??= (value) => value == null
    util.isArray ??= Array.isArray
    const tf = require('@tensorflow/tfjs-node')
    const [value] = tf.matMul([[1, 2]], [[3], [4]]).dataSync()
    process.exit(tf.getBackend() === 'tensorflow' && value === 11 ? 0 : 1)`
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
  return spawnSync(process.execPath, ['-e', program], { env, stdio: 'ignore' }).status === 0
}

function installs() {
  console.error('tfjs-node: running its own installer ...')
  unlink()
  const { status } = spawnSync('npm', ['run', '--silent', 'install'], {
    cwd: home,
    stdio: 'ignore',
    timeout: installerMs,
  })
  return status === 0 && works()
}

function build() {
  if (process.platform !== 'linux') fail('its installer failed, and only Linux has another way')
  console.error(
    `tfjs-node: its downloads cannot be had, building against TensorFlow ${tensorflow} ...`
  )
  const partial = `${cached}.partial`
  rmSync(partial, { recursive: true, force: true })
  for (const part of parts) mkdirSync(join(partial, part), { recursive: true })
  unpack(wheel(), join(partial, 'deps'))
  link(partial)
  const headers = run('npm', ['config', 'get', 'nodedir'], { stdio: ['ignore', 'pipe', 'ignore'] })
  run('npm', ['run', '--silent', 'build-addon-from-source'], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...(headers === 'undefined' ? {} : { npm_config_nodedir: headers }) },
  })
  for (const folder of readdirSync(home).filter((name) => name.startsWith('build'))) {
    rmSync(join(home, folder), { recursive: true })
  }
  rmSync(cached, { recursive: true, force: true })
  renameSync(partial, cached)
  link(cached)
}

/** TensorFlow's wheel, downloaded only once. */
function wheel() {
  const find = () =>
    existsSync(cache) &&
    readdirSync(cache).find((file) => file.startsWith(`tensorflow_cpu-${tensorflow}-`))
  if (!find()) {
    const wanted = ['--no-deps', '--only-binary', ':all:', `tensorflow-cpu==${tensorflow}`]
    run('python3', ['-m', 'pip', 'download', '--quiet', '--dest', cache, ...wanted])
  }
  return join(cache, find())
}

/** Unpacks libraries and C headers from the wheel, with the names that the addon links to. */
function unpack(from, to) {
  const program = `
import sys, zipfile
from pathlib import Path
wheel, to = zipfile.ZipFile(sys.argv[1]), Path(sys.argv[2])
headers = ('tensorflow/c/', 'tensorflow/core/platform/', 'xla/tsl/', 'tsl/')
for name in wheel.namelist():
    if name in ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'):
        target = to / 'lib' / Path(name).name
    elif name.endswith('.h') and name.removeprefix('tensorflow/include/').startswith(headers):
        target = to / name.removeprefix('tensorflow/')
    else:
        continue
    target.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(name) as source, target.open('wb') as sink:
        while block := source.read(2**24):
            sink.write(block)`
  run('python3', ['-c', program, from, to])
  const lib = (name) => join(to, 'lib', name)
  symlinkSync('libtensorflow_cc.so.2', lib('libtensorflow.so'))
  symlinkSync('libtensorflow_cc.so.2', lib('libtensorflow.so.2.9.1'))
  symlinkSync('libtensorflow_framework.so.2', lib('libtensorflow_framework.so'))
}

function link(folder) {
  unlink()
  for (const part of parts) symlinkSync(join(folder, part), join(home, part))
}

function unlink() {
  for (const part of parts) rmSync(join(home, part), { recursive: true, force: true })
}

function run(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options })
  if (status !== 0) fail(`${command} ${args.slice(0, 4).join(' ')} ... failed`)
  return String(stdout ?? '').trim()
}

function fail(message) {
  console.error(`tfjs-node: ${message}`)
  process.exit(1)
}

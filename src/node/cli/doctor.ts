import { spawnSync } from 'node:child_process'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { kernelKind } from '../../kernels/arena.ts'
import { boolean } from '../../spec/fields.ts'
import { glossary } from '../text.ts'
import { defineCommand } from './command.ts'
import { missingParts, type OptionalPart, versionOf } from './optional-parts.ts'

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Says what this machine offers, what is missing, and how to get it.',
  options: { json: boolean({ description: 'print JSON', default: false }) },
  examples: ['thalweg doctor', 'thalweg doctor --json'],
  run({ json }) {
    const native = tfjsNode()
    const found = examine(native)
    const missing = [...missingParts(), ...repairOf(native)]
    process.stdout.write(
      json
        ? `${JSON.stringify({ schema: 'thalweg.doctor/1', ...found, missing })}\n`
        : `${glossary(names.map((name) => [labels[name], inWords(found[name])]))}\n${advice(missing)}`
    )
    return 0
  },
})

const labels = {
  runtime: 'runtime',
  platform: 'platform',
  strictKernels: 'kernels, strict',
  fastKernels: 'kernels, fast',
  relaxedSimd: 'relaxed SIMD',
  fusedMultiplyAdd: 'fused multiply-add',
  memoryBytes: 'memory',
  freeMemoryBytes: 'of it free',
  heapLimitBytes: 'heap limit',
  tfjsNode: 'tfjs-node',
  tfjsWasm: 'tfjs-backend-wasm',
  tfjs: 'tfjs',
} as const
const names = Object.keys(labels) as (keyof typeof labels)[]

function examine(native: Native): Readonly<Record<keyof typeof labels, string | number | boolean>> {
  return {
    runtime: `node ${process.versions.node}, V8 ${process.versions.v8}`,
    platform: `${process.platform} ${process.arch}, ${availableParallelism()} threads`,
    strictKernels: kernelKind('strict'),
    fastKernels: kernelKind('fast'),
    relaxedSimd: kernelKind('fast') === 'relaxed',
    fusedMultiplyAdd: fusesMultiplyAdd(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    heapLimitBytes: getHeapStatistics().heap_size_limit,
    tfjsNode: native.fault === undefined ? native.version : `${native.version}, ${native.fault}`,
    tfjsWasm: versionOf('@tensorflow/tfjs-backend-wasm'),
    tfjs: versionOf('@tensorflow/tfjs'),
  }
}

// (module (func (export "a") (param f32 f32 f32) (result f32) (f32x4.extract_lane 0 (f32x4.relaxed_madd
//   (f32x4.splat (local.get 0)) (f32x4.splat (local.get 1)) (f32x4.splat (local.get 2))))))
const maddModule = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 125, 125, 125, 1, 125, 3, 2, 1, 0, 7, 5, 1, 1, 97, 0,
  0, 10, 22, 1, 20, 0, 32, 0, 253, 19, 32, 1, 253, 19, 32, 2, 253, 19, 253, 133, 2, 253, 31, 0, 11,
])

/** Whether a relaxed multiply-add rounds only once. Then (1 + e)(1 - e) - 1 is -e²; with two roundings it is 0. */
function fusesMultiplyAdd(): boolean {
  if (!WebAssembly.validate(maddModule)) return false
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(maddModule))
  const madd = exports.a as (a: number, b: number, c: number) => number
  return madd(1 + 2 ** -13, 1 - 2 ** -13, -1) !== 0
}

function advice(missing: readonly OptionalPart[]): string {
  if (missing.length === 0) return '\nAll that thalweg can use is here.\n'
  const rows = missing.map(({ what, gives, get }): [string, string] => [
    what,
    `for ${gives}: ${get}`,
  ])
  return `\nMissing or broken, and how to get it:\n${glossary(rows)}\n`
}

const startsTensorFlow = `
  const { startBackend } = await import(process.argv[1])
  const started = await startBackend('tensorflow')
  if (typeof started === 'string') console.log(started)
  process.exit()`

/** tfjs-node: its version, or why it does not work here. */
interface Native {
  readonly version: string | false
  readonly fault?: string
}

/**
 * Checks that tfjs-node is installed and computes. This is tried in a separate process, because a native addon that was built for
 * other libraries may end the process that loads it.
 */
function tfjsNode(): Native {
  const version = versionOf('@tensorflow/tfjs-node')
  if (version === false) return { version }
  const backends = new URL('../train/backends.js', import.meta.url).href
  const args = [...process.execArgv, '--input-type=module', '-e', startsTensorFlow, backends]
  const { status, signal, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) {
    return { version, fault: `whose native addon ends the process (${signal ?? status})` }
  }
  const why = stdout.trim()
  return why === '' ? { version } : { version, fault: `which does not work: ${why}` }
}

function repairOf({ fault }: Native): OptionalPart[] {
  if (fault === undefined) return []
  const what = '@tensorflow/tfjs-node'
  const gives = '`thalweg train` by native code'
  return [{ what, gives, get: `npm rebuild ${what} --build-addon-from-source` }]
}

function inWords(value: string | number | boolean): string {
  if (typeof value === 'number') return `${(value / 2 ** 30).toFixed(1)} GiB`
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return value
}

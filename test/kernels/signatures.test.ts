import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const signatures = suite("the signatures of a stage's kernels")

const tool = resolve('tools/kernels.mjs')
let folder: string

signatures.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-kernels-'))
  mkdirSync(join(folder, 'assembly'))
  mkdirSync(join(folder, 'src/stages/two-words'), { recursive: true })
  cpSync('asconfig.json', join(folder, 'asconfig.json'))
})
signatures.after.each(() => rmSync(folder, { recursive: true }))

/** Builds a module of this text; returns what TypeScript sees of it, or what the build says. */
function built(text: string, name = 'two-words'): { signatures: string; stderr: string } {
  writeFileSync(join(folder, `assembly/${name}.ts`), text)
  const { stderr } = spawnSync(process.execPath, [tool], { cwd: folder, encoding: 'utf8' })
  const path = join(folder, 'src/stages/two-words/kernels.gen.ts')
  return { signatures: existsSync(path) ? readFileSync(path, 'utf8') : '', stderr }
}

signatures('are those of its exports, with what goes together in one record', () => {
  const { signatures, stderr } = built(`
    /** Half of a thing. */
    type Pair<T> = T
    /** Adds. */
    export function add(x: usize, a: Pair<i32>, b: Pair<f64>, whole: bool): f64 {
      return whole ? load<f64>(x) + b : a
    }
    export function first(a: Pair<i32>): void {}
  `)
  assert.is(stderr, '')
  assert.is(
    signatures.slice(signatures.indexOf('\n\n') + 2),
    `/** Half of a thing. */
export interface Pair {
  readonly a: number
  readonly b: number
}

/** The kernels of \`assembly/two-words.ts\`, which says how what they read and write is laid out. */
export interface TwoWordsKernels {
  /** Adds. */
  add(values: {
    readonly x: number
    readonly pair: Pair
    readonly whole: boolean
  }): number
  first(values: {
    readonly pair: Pick<Pair, 'a'>
  }): void
}

export const twoWordsKernels: KernelSource<TwoWordsKernels> = {
  name: 'two-words',
  modules: { base, relaxed },
  bind: (wasm) => ({
    add: (v) => wasm.add!(v.x, v.pair.a, v.pair.b, Number(v.whole)),
    first: (v) => wasm.first!(v.pair.a),
  }),
  reference,
}
`
  )
})

signatures('are refused where a number of JavaScript cannot hold a parameter', () => {
  const { stderr } = built('export function wide(n: i64): void {}')
  assert.match(
    stderr,
    'wide: n is i64; kernels take and return void, bool, usize, i32, u32, f32, f64'
  )
})

signatures('have a stage to go to', () => {
  const { stderr } = built('export function f(): void {}', 'elsewhere')
  assert.match(
    stderr,
    'assembly/elsewhere.ts: there is neither src/stages/elsewhere nor src/elsewhere'
  )
})

signatures('come with the check that a module holds no data', () => {
  const { stderr } = built(`export function f(x: f64): f64 { return NativeMath.log(x) }`)
  assert.match(stderr, 'two-words: static data is linked')
})

signatures.run()

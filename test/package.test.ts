import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installPacked } from './support/packed.ts'

const pack = suite('the package')

let folder: string
let tarball: string
let home: string

pack.before(() => {
  ;({ folder, tarball } = installPacked('package'))
  home = join(folder, 'node_modules/thalweg')
})

type Conditions = string | { readonly [condition: string]: string }

interface Manifest {
  readonly sideEffects: boolean
  readonly dependencies: Readonly<Record<string, string>>
  readonly scripts: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, Conditions>>
  readonly imports: Readonly<Record<string, Conditions>>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

/** Entries that have to run anywhere. */
const core = Object.keys(manifest.exports).filter((entry) => /^\.(\/(edge|tfjs))?$/.test(entry))

const filesOf = (target: string): string[] => {
  const [before, after] = target.split('*') as [string, string?]
  if (after === undefined) return existsSync(join(home, target)) ? [target] : []
  const within = readdirSync(join(home, dirname(`${before}x`)), { recursive: true })
  return (within as string[]).filter((name) => name.endsWith(after))
}

pack('every export and import leads to files, types first', () => {
  for (const [name, conditions] of Object.entries({ ...manifest.exports, ...manifest.imports })) {
    const targets = typeof conditions === 'string' ? [conditions] : Object.values(conditions)
    for (const target of targets) assert.ok(filesOf(target).length > 0, `${name}: ${target}`)
    if (typeof conditions === 'string') continue
    assert.is(Object.keys(conditions)[0], 'types', name)
    assert.is(Object.keys(conditions).at(-1), 'default', name)
  }
})

pack('holds what it needs at run time and to be read, no more', () => {
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath ?? entry.path, entry.name)))
  const wanted = [
    /^(package\.json|README\.md|CHANGELOG\.md|CONTRIBUTING\.md|LICENSE)$/,
    /^(docs|src\/stages\/[\w-]+)\/\w+\.md$/,
    /^docs\/pictures\/[\w-]+\.png$/,
    /^dist\/([\w-]+\/)*[\w.-]+\.(js|d\.ts)$/,
    /^dist\/wasm\/\w+(\.relaxed)?\.wasm$/,
    /^(pipelines|schema)\/[\w-]+\.json$/,
    /^examples\/[\w-]+\/[\w.-]+$/,
    /^python\/(README\.md|pyproject\.toml|src\/thalweg\/\w+\.(py|typed))$/,
  ]
  assert.equal(
    files.filter((file) => !wanted.some((pattern) => pattern.test(file))),
    []
  )
})

pack('has every page that its pages link to', () => {
  const pages = (readdirSync(home, { recursive: true }) as string[]).filter((file) =>
    file.endsWith('.md')
  )
  assert.ok(pages.length > 10)
  const dead = pages.flatMap((page) =>
    [...readFileSync(join(home, page), 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, target]) => target!)
      .filter(
        (target) => !/^https?:/.test(target) && !existsSync(join(home, dirname(page), target))
      )
      .map((target) => `${page}: ${target}`)
  )
  assert.equal(dead, [])
})

pack('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: home, pack: false, strict: true })
  assert.equal(
    messages.map((message) => formatMessage(message, pkg)),
    []
  )
})

pack('attw finds nothing', () => {
  const args = [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color']
  const { status, stdout } = spawnSync('node_modules/.bin/attw', args, { encoding: 'utf8' })
  assert.is(status, 0, stdout)
})

pack('has types that strict programs take, of Node alone and of browsers', () => {
  const entries = Object.keys(manifest.exports).filter((entry) => /^\.(\/\w+)?$/.test(entry))
  const names = entries.map((entry) => entry.replace('.', 'thalweg'))
  assert.equal(names, [
    'thalweg',
    'thalweg/edge',
    'thalweg/node',
    'thalweg/tfjs',
    'thalweg/testing',
  ])
  const imports = names.map((name, i) => `import * as entry${i} from '${name}'`)
  const uses = names.map((_, i) => `export type Entry${i} = typeof entry${i}`)
  writeFileSync(join(folder, 'program.ts'), [...imports, ...uses].join('\n'))
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
  for (const [module, ...lib] of [
    ['nodenext', 'es2023'],
    ['preserve', 'es2023', 'dom', 'dom.iterable'],
  ] as const) {
    const args = [
      '--ignoreConfig',
      ...strict,
      '--noEmit',
      '--skipLibCheck',
      'false',
      '--types',
      'node',
    ]
    const { stdout } = spawnSync(
      'node_modules/.bin/tsc',
      [...args, '--module', module, '--lib', lib.join(), join(folder, 'program.ts')],
      { encoding: 'utf8' }
    )
    // TF.js's own types need a browser's, and are not right there either.
    const wrong = stdout.split('\n').filter((line) => /thalweg|program\.ts|^error/.test(line))
    assert.equal(wrong, [])
  }
})

/** Modules of the package that an entry loads, as paths in it, and all that they import from elsewhere. */
function reached(entry: string): { modules: string[]; packages: string[] } {
  const target = manifest.exports[entry] as { default: string }
  const modules = [target.default]
  const packages = new Set<string>()
  for (const module of modules) {
    const code = readFileSync(join(home, module), 'utf8')
    for (const [, specifier] of code.matchAll(/(?:from|import)\s*\(?['"]([^'"\s]+)['"]/g)) {
      const [kind, name] = specifier!.split(/\/(.*)/)
      const chosen: Record<string, string> = {
        '#reference': `./dist/${name}/reference.js`,
        '#kernels': `./dist/kernels/${name}.js`,
      }
      const isOwn = specifier!.startsWith('.')
      const path = isOwn ? `./${join(dirname(module), specifier!)}` : chosen[kind!]
      if (path === undefined) packages.add(specifier!)
      else if (!modules.includes(path)) modules.push(path)
    }
  }
  return { modules, packages: [...packages] }
}

pack('the core is web standards alone, without code made at run time', () => {
  assert.equal(core, ['.', './edge', './tfjs'])
  for (const entry of core) {
    const { modules, packages } = reached(entry)
    assert.ok(modules.length > 2, entry)
    // Whoever taps TF.js has it.
    const there = Object.keys(manifest.dependencies)
    if (entry === './tfjs') there.push('@tensorflow/tfjs')
    for (const name of packages) {
      const [scope, own] = name.split('/')
      const dependency = scope!.startsWith('@') ? `${scope}/${own}` : scope!
      assert.ok(/^#(wasm|msgpackr)\//.test(name) || there.includes(dependency), name)
    }
    for (const module of modules) {
      const code = readFileSync(join(home, module), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      const found = code.match(/\b(Buffer|process|require|__dirname|eval|Function)\b\s*[.(]/)
      assert.is(found, null, `${module}: ${found?.[0]}`)
      assert.not.match(module, '/node/')
    }
  }
})

pack('runs no install script of what it needs', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }>
  }
  const needed = Object.entries(packages).filter(([name, { dev }]) => name !== '' && !dev)
  assert.ok(needed.length >= 3)
  assert.equal(
    needed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name),
    []
  )
  assert.equal(
    Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name)),
    []
  )
})

pack('carries msgpackr along with its licence, without code made at run time', () => {
  for (const name of ['pack', 'unpack']) {
    const code = readFileSync(join(home, `dist/vendor/msgpackr/${name}.js`), 'utf8')
    assert.match(code, /^\/\*! msgpackr \d+\.\d+\.\d+\n\nMIT License/)
    assert.match(code, 'Kris Zyp')
    assert.not.match(code, /new Function\(/)
  }
})

pack('can be required: nothing waits at the top', () => {
  const require = createRequire(join(folder, 'program.cjs'))
  for (const entry of [...core, './node']) {
    const exported = require(entry.replace('.', 'thalweg')) as object
    assert.ok(Object.keys(exported).length > 0, entry)
  }
})

pack('what is not named is not bundled', async () => {
  const bundled = async (program: string): Promise<string[]> => {
    const { metafile } = await build({
      stdin: { contents: program, resolveDir: folder },
      bundle: true,
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'error',
    })
    const [output] = Object.values(metafile.outputs)
    return Object.entries(output!.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path)
  }
  assert.is(manifest.sideEffects, false)
  assert.equal(await bundled("import 'thalweg'"), [])
  const files = await bundled("import { analyse, svd } from 'thalweg'\nconsole.log(analyse, svd)")
  const named = (pattern: RegExp) => files.filter((file) => pattern.test(file))
  assert.ok(named(/wasm\/svd\.inline\.js$/).length === 1)
  assert.equal(named(/(stages|wasm)\/(cmd|ftle)/), [])
})

pack.run()

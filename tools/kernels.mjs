import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import asc from 'assemblyscript/asc'

// Static data of module i lies in its own window of the shared memory, below `windowsEnd` of src/kernels/arena.ts.
const windowBytes = 1 << 16
const windowsEnd = 1 << 20

/** Compiles each assembly/*.ts into a base and a relaxed module, with the files that `#wasm/*` resolves to. */
export async function compileKernels(outDir, only = []) {
  const names = readdirSync('assembly')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => basename(file, '.ts'))
    .sort()
  for (const [index, name] of names.entries()) {
    const window = { from: (index + 1) * windowBytes, to: (index + 2) * windowBytes }
    if (only.length > 0 && !only.includes(name)) continue
    if (window.to > windowsEnd) throw new Error(`no window left for the static data of ${name}`)
    const base = await compile(name, 'base', window, outDir)
    const relaxed = await compile(name, 'relaxed', window, outDir)
    const write = (suffix, text) => writeFileSync(join(outDir, `${name}.${suffix}`), text)
    // Many kernels have nothing to relax; then no bundle carries them twice.
    const same = base.equals(relaxed)
    const inlined = same ? 'base' : `'${relaxed.toString('base64')}'`
    write(
      'inline.js',
      `export const base = '${base.toString('base64')}'\nexport const relaxed = ${inlined}\n`
    )
    for (const [file, query] of [
      ['workerd.js', ''],
      ['edge.js', '?module'],
    ]) {
      const module = (names, build) => `export { ${names} } from './${name}${build}.wasm${query}'\n`
      write(
        file,
        same
          ? module('default as base, default as relaxed', '')
          : module('default as base', '') + module('default as relaxed', '.relaxed')
      )
    }
    write(
      'd.ts',
      'export declare const base: WebAssembly.Module | string\nexport declare const relaxed: WebAssembly.Module | string\n'
    )
  }
}

async function compile(name, target, window, outDir) {
  const file = `${name}${target === 'base' ? '' : '.relaxed'}.wasm`
  const args = [`assembly/${name}.ts`, '--target', target, '--memoryBase', String(window.from)]
  const emitted = new Map()
  const { error, stderr } = await asc.main([...args, '--outFile', file, '--textFile', 'text.wat'], {
    writeFile: (path, data) => emitted.set(basename(path), data),
  })
  if (error) throw new Error(`${name} (${target}): ${error.message}\n${stderr}`)
  checkWindow(name, String(emitted.get('text.wat')), window)
  const binary = Buffer.from(emitted.get(file))
  writeFileSync(join(outDir, file), binary)
  return binary
}

/** Kernels share one memory: data outside the window would overwrite a neighbour's, an allocator the arena's. */
function checkWindow(name, text, window) {
  if (/memory\.grow|__alloc|__new\b/.test(text)) {
    throw new Error(`${name}: an allocator is linked; kernels take pointers and allocate nothing`)
  }
  for (const [, address, bytes] of text.matchAll(
    /\(data \$\S+ \(i32\.const (\d+)\) "((?:[^"\\]|\\.)*)"/g
  )) {
    const end = Number(address) + bytes.replace(/\\[0-9a-f]{2}/g, '.').length
    if (Number(address) < window.from || end > window.to) {
      throw new Error(
        `${name}: data at ${address}..${end} leaves the window ${window.from}..${window.to}`
      )
    }
  }
  const heap = text.match(/\(global \$~lib\/memory\/__heap_base i32 \(i32\.const (\d+)\)\)/)
  if (heap && Number(heap[1]) > window.to)
    throw new Error(`${name}: heap base ${heap[1]} leaves its window`)
}

if (process.argv[1].endsWith('kernels.mjs')) {
  mkdirSync('dist/wasm', { recursive: true })
  await compileKernels('dist/wasm', process.argv.slice(2))
}

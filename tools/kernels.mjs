import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import asc from 'assemblyscript/asc'
import inline from './inline.mjs'
import { writeSignatures } from './signatures.mjs'

/**
 * Compiles each assembly/*.ts into a base and a relaxed module. Also writes the files that `#wasm/*` resolves to, and the
 * `kernels.gen.ts` through which TypeScript calls the kernels.
 */
export async function compileKernels(outDir, only = []) {
  const names = readdirSync('assembly')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => basename(file, '.ts'))
    .sort()
  for (const name of names) {
    if (only.length > 0 && !only.includes(name)) continue
    const { binary: base, program } = await compile(name, 'base', outDir)
    const { binary: relaxed } = await compile(name, 'relaxed', outDir)
    writeSignatures(name, program, functionsOf(base))
    const write = (suffix, text) => writeFileSync(join(outDir, `${name}.${suffix}`), text)
    // Many kernels have nothing to relax. Then no bundle contains them twice.
    const inlined = base.equals(relaxed) ? 'base' : `'${relaxed.toString('base64')}'`
    write(
      'inline.js',
      `export const base = '${base.toString('base64')}'\nexport const relaxed = ${inlined}\n`
    )
    // `src/kernels/no-relaxed.ts` gives the reason.
    const once = 'default as base, default as relaxed'
    write('workerd.js', `export { ${once} } from './${name}.wasm'\n`)
    write('edge.js', `export { ${once} } from './${name}.wasm?module'\n`)
    write(
      'd.ts',
      'export declare const base: WebAssembly.Module | string\nexport declare const relaxed: WebAssembly.Module | string\n'
    )
  }
}

async function compile(name, target, outDir) {
  const file = `${name}${target === 'base' ? '' : '.relaxed'}.wasm`
  const args = [`assembly/${name}.ts`, '--target', target]
  const emitted = new Map()
  let program
  const keep = {
    afterInitialize: (own) => {
      program = own
    },
  }
  const { error, stderr } = await asc.main([...args, '--outFile', file, '--textFile', 'text.wat'], {
    transforms: [inline, keep],
    writeFile: (path, data) => emitted.set(basename(path), data),
  })
  if (error) throw new Error(`${name} (${target}): ${error.message}\n${stderr}`)
  checkPure(name, String(emitted.get('text.wat')))
  const binary = Buffer.from(emitted.get(file))
  writeFileSync(join(outDir, file), binary)
  return { binary, program }
}

function functionsOf(binary) {
  return WebAssembly.Module.exports(new WebAssembly.Module(binary)).map(({ name }) => name)
}

/** Checks that a kernel has no data and no allocator of its own, because it shares one memory with everything in the arena. */
function checkPure(name, text) {
  if (/memory\.grow|__alloc|__new\b/.test(text)) {
    throw new Error(`${name}: an allocator is linked; kernels take pointers and allocate nothing`)
  }
  if (/\(data /.test(text)) {
    throw new Error(
      `${name}: static data is linked (a string, an array, a table of NativeMath); pass it in by pointer`
    )
  }
}

if (process.argv[1].endsWith('kernels.mjs')) {
  mkdirSync('dist/wasm', { recursive: true })
  await compileKernels('dist/wasm', process.argv.slice(2))
}

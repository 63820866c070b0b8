import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Each folder in src/stages, src/sources and src/sinks is a component. `registry.gen.ts` lists all components of a kind,
 * `index.gen.ts` exports them by name, and `stages/always.gen.ts` lists the stages that always run.
 */
export function writeRegistries() {
  for (const kind of ['stages', 'sources', 'sinks']) {
    const names = readdirSync(`src/${kind}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(`src/${kind}/${entry.name}/index.ts`))
      .map((entry) => entry.name)
      .sort()
    const variable = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
    const lines = names.map((name) => `import { ${variable(name)} } from './${name}/index.ts'`)
    lines.push(
      '',
      `export const ${kind} = [${names.map((name) => `${variable(name)}()`).join(', ')}]`,
      ''
    )
    writeFileSync(`src/${kind}/registry.gen.ts`, lines.join('\n'))
    const exported = names.map((name) => `export { ${variable(name)} } from './${name}/index.ts'\n`)
    writeFileSync(`src/${kind}/index.gen.ts`, exported.join(''))
    if (kind === 'stages') writeFileSync('src/stages/always.gen.ts', alwaysText(names, variable))
  }
}

function alwaysText(names, variable) {
  const always = names.filter((name) =>
    /^ {2}always: true,$/m.test(readFileSync(`src/stages/${name}/index.ts`, 'utf8'))
  )
  const lines = always.map((name) => `import { ${variable(name)} } from './${name}/index.ts'`)
  const list = always.map((name) => `${variable(name)}().definition`).join(', ')
  return [...lines, '', `export const always = [${list}]`, ''].join('\n')
}

/** Identifies the build by a hash of its sources, which states and summaries contain. */
export function writeBuild() {
  const hash = createHash('sha256')
  for (const root of ['assembly', 'src', 'asconfig.json', 'package.json']) {
    for (const file of files(root))
      hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  }
  const text = `/** First digits of the hash of the sources. */\nexport const build = '${hash.digest('hex').slice(0, 16)}'\n`
  writeFileSync('src/build.gen.ts', text)
}

function files(path) {
  if (path.endsWith('.json')) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.gen.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

if (process.argv[1]?.endsWith('registries.mjs')) {
  writeRegistries()
  writeBuild()
}

import { existsSync, readdirSync, writeFileSync } from 'node:fs'

/** Each folder of src/stages, src/sources and src/sinks is a component; the registry imports them by name. */
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
  }
}

if (process.argv[1].endsWith('registries.mjs')) writeRegistries()

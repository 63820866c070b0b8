// Writes docs/api.md from the docstrings of each entry's exports, as `dist` declares them. The build fails if a function has no
// example, except for those of src/stage: CONTRIBUTING.md shows them in a complete stage.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const entries = {
  thalweg: 'dist/index.d.ts',
  'thalweg/edge': 'dist/edge/index.d.ts',
  'thalweg/node': 'dist/node/index.d.ts',
  'thalweg/tfjs': 'dist/tfjs/index.d.ts',
  'thalweg/testing': 'dist/testing/index.d.ts',
}

function writeApi() {
  const found = Object.entries(entries).map(([entry, file]) => [entry, functionsOf(file)])
  const all = found.flatMap(([, functions]) => functions)
  const bare = all.filter(({ doc }) => !doc.includes('@example')).map(({ name }) => name)
  if (bare.length > 0) throw new Error(`these functions have no @example: ${bare.join(', ')}`)
  const sections = found.map(([entry, own]) => `## ${entry}\n\n${own.map(textOf).join('\n\n')}`)
  const head = `# Functions

The functions and classes that each entry of the package exports, with the docstrings of the sources. Stages, sources and sinks are
functions too: [the reference](reference.md) lists them with their options. [In a program](embed.md) shows the most important functions at
work. [Contributing](../CONTRIBUTING.md#add-a-stage) shows the functions that a stage is written with.`
  writeFileSync('docs/api.md', `${head}\n\n${sections.join('\n\n')}\n`)
}

writeApi()

/** The functions and classes that an entry itself names. */
function functionsOf(entry) {
  const named = /^export \{([^}]+)\} from '(.+)\.ts';$/gm
  return [...readFileSync(entry, 'utf8').matchAll(named)].flatMap(([, names, from]) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .flatMap((name) => declared(join(dirname(entry), `${from}.d.ts`), name))
  )
}

function declared(file, name) {
  const comment = '(/\\*\\*(?:(?!\\*/)[^])*\\*/\\n)?'
  // Lines inside a declaration are indented or begin with a brace.
  const own = `(function ${name}\\b[^]*?;\\n(?![ }])|class ${name}\\b)`
  const found = new RegExp(`${comment}export declare ${own}`).exec(readFileSync(file, 'utf8'))
  return found ? [{ name, doc: found[1] ?? '', signature: found[2].replace(/;\n$/, '') }] : []
}

function textOf({ name, doc, signature }) {
  const lines = doc.split('\n').map((line) => line.replace(/^\s*\/?\*+\/? ?/, ''))
  const [prose, example] = lines
    .join('\n')
    .replace(/ ?\*\/\s*$/, '')
    .split('@example\n')
  const told = prose.trim().replace(/^@(\w+) /gm, '- *$1* ')
  return `### ${name}\n\n\`\`\`ts\n${signature}\n\`\`\`\n\n${told}\n\n${example.trim()}`
}

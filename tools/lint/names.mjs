// Holds that no file outside a stage's folder mentions a stage or a figure of one: sinks, commands and the engine draw what
// stages declare. Comments, generated files, what `run` and `metrics` summaries hold and kinds of figures are free. Needs a build.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runSpec } from '../../dist/engine/run/specs.js'
import { stages } from '../../dist/stages/registry.gen.js'
import { everyKind } from '../../dist/testing/every-kind.js'

const types = stages.map(({ definition }) => definition.type)
const free = new Set([...Object.keys(runSpec.figures), 'why'])
const figures = stages
  .flatMap(({ definition }) => Object.keys(definition.figures))
  .filter((name) => !free.has(name))

// A type that is a word of everyday's too is looked for only where types are compared and written.
const everyday = ['path']
const names = types.filter((type) => !everyday.includes(type)).join('|')
// A path is a mention only where it leads to a stage: `../edge/limits.ts` is another room.
const name = new RegExp(
  `(?<![\\w/-])(${names})(?![\\w/-]|\\.\\w)|stages/(${types.join('|')})(?![\\w-])`
)
const word = new RegExp(`(?:\\btype:|[!=]==) ['"](${everyday.join('|')})['"]`)
const ownFolder = new RegExp(`^(stages|node/(${types.join('|')}))/`)
const kinds = new Set(Object.values(everyKind.definition.figures).map(({ kind }) => kind))
const figure = new RegExp(`\\bvalues(?:\\?|!)?\\.(${figures.join('|')})\\b`)

const found = files('src').flatMap((file) => {
  // A command that is a stage's own lies in `src/node/<stage>/`.
  const own = ownFolder.test(relative('src', file))
  if (own || file.endsWith('.gen.ts')) return []
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/\/\/.*$/gm, blank)
  return text.split('\n').flatMap((line, i) => {
    const strings = [...line.matchAll(/(['"`])(?:\\.|(?!\1).)*\1/g)].map(([literal]) => literal)
    const mention =
      strings.find((literal) => name.test(literal) && !kinds.has(literal.slice(1, -1))) ??
      figure.exec(line)?.[0] ??
      word.exec(line)?.[0]
    return mention ? [`${file}:${i + 1} mentions a stage or its figure: ${mention}`] : []
  })
})
for (const line of found) console.error(line)
if (found.length > 0) process.exitCode = 1

function blank(comment) {
  return comment.replace(/[^\n]/g, ' ')
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : []
  })
}

// Checks that no file outside a stage's folder mentions a stage or one of its figures, because sinks, commands and the engine
// work with what stages declare. Exempt are comments, generated files, the contents of `run` and `metrics` summaries, and kinds
// of figures. Needs a build.
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

// A type that is also an everyday word is only searched for where types are compared or written.
const everyday = ['path']
const names = types.filter((type) => !everyday.includes(type)).join('|')
// A path is a mention only if it leads to a stage. `../edge/limits.ts` leads to another folder.
const name = new RegExp(
  `(?<![\\w/-])(${names})(?![\\w/-]|\\.\\w)|stages/(${types.join('|')})(?![\\w-])`
)
const word = new RegExp(`(?:\\btype:|[!=]==) ['"](${everyday.join('|')})['"]`)
const ownFolder = new RegExp(`^(stages|node/(${types.join('|')}))/`)
const kinds = new Set(Object.values(everyKind.definition.figures).map(({ kind }) => kind))
const figure = new RegExp(`\\bvalues(?:\\?|!)?\\.(${figures.join('|')})\\b`)

const found = files('src').flatMap((file) => {
  // A command that belongs to a stage is in `src/node/<stage>/`.
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

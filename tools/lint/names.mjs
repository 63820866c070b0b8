// Holds that no file outside a stage's folder mentions a stage or a figure of one: sinks, commands and the engine draw what
// stages declare. Comments, generated files and what `run` and `metrics` summaries hold are free. Needs a build.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runSpec } from '../../dist/engine/run/specs.js'
import { stages } from '../../dist/stages/registry.gen.js'

const types = stages.map(({ definition }) => definition.type)
const free = new Set([...Object.keys(runSpec.figures), 'why'])
const figures = stages
  .flatMap(({ definition }) => Object.keys(definition.figures))
  .filter((name) => !free.has(name))

const name = new RegExp(`(?<![\\w-])(${types.join('|')})(?![\\w-]|\\.exe)`)
const figure = new RegExp(`\\bvalues(?:\\?|!)?\\.(${figures.join('|')})\\b`)

const found = files('src').flatMap((file) => {
  const own = relative('src', file).startsWith('stages/')
  if (own || file.endsWith('.gen.ts')) return []
  const text = readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/\/\/.*$/gm, blank)
  return text.split('\n').flatMap((line, i) => {
    const strings = [...line.matchAll(/(['"`])(?:\\.|(?!\1).)*\1/g)].map(([literal]) => literal)
    const mention = strings.find((literal) => name.test(literal)) ?? figure.exec(line)?.[0]
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

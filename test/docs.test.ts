// Pages show pipelines that lint and commands that exist.
import { readdirSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../src/node/cli/arguments.ts'
import { allCommands } from '../src/node/cli/commands.ts'
import { registry } from '../src/node/registry.ts'
import { lintPipeline } from '../src/pipeline/pipeline.ts'

const docs = suite('the pages')
const commands = await allCommands()

const folders = ['docs', 'python', 'examples', 'src/stages']
const pages = ['README.md', 'CONTRIBUTING.md']
for (const folder of folders) {
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (/^(?!.*node_modules).*\.md$/.test(name)) pages.push(`${folder}/${name}`)
  }
}

function blocksOf(page: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm')
  return [...readFileSync(page, 'utf8').matchAll(fence)].map(([, text]) => text!)
}

/** What a page shows, as a pipeline: whole, some of its keys, or one stage. */
function pipelineOf(text: string): Record<string, unknown> {
  const shown = JSON.parse(text.startsWith('{') ? text : `{${text}}`) as Record<string, unknown>
  if (shown.type !== undefined) return { stages: [shown] }
  return 'stages' in shown ? shown : { stages: [{ type: 'svd', rank: 4 }], ...shown }
}

for (const page of pages) {
  const shown = blocksOf(page, 'json').filter((text) => !/"(cases|imports)":/.test(text))
  if (shown.length === 0) continue
  docs(`${page} shows pipelines that are right`, () => {
    for (const text of shown) {
      const { problems } = lintPipeline(pipelineOf(text), registry)
      assert.equal(problems, [], text)
    }
  })
}

/** Words of each `thalweg ...` in a line of a shell, with 1 for every variable. */
function callsIn(line: string): string[][] {
  const word = /(?:'[^']*'|"[^"]*"|\$\([^)]*\)|[^\s|<>#;)&])+/.source
  const call = new RegExp(`(?:^|[|(;]|npx|do)\\s*thalweg((?: +${word})+)`, 'g')
  return [...line.matchAll(call)].map(([, rest]) =>
    [...rest!.matchAll(new RegExp(word, 'g'))].map(([each]) =>
      each.replace(/\$\w+/g, '1').replace(/['"]/g, '')
    )
  )
}

/** Calls in a page's blocks and between its backticks. */
function callsOf(page: string): string[][] {
  const blocks = ['sh', ''].flatMap((language) => blocksOf(page, language))
  const inline = [...readFileSync(page, 'utf8').matchAll(/`(thalweg [^`]+)`/g)]
  const lines = blocks.join('\n').replaceAll('\\\n', ' ').split('\n')
  return [...lines, ...inline.map(([, text]) => text!)].flatMap(callsIn)
}

for (const page of pages) {
  const calls = callsOf(page)
  if (calls.length === 0) continue
  docs(`${page} names commands and options that exist`, () => {
    for (const [name, ...rest] of calls) {
      if (name === '--help') continue
      const command = commands.find((each) => each.name === name)
      assert.ok(command, `thalweg ${name}`)
      parseArguments(command.options, rest, Number.POSITIVE_INFINITY, command.shorthands)
    }
  })
}

docs('there are pages, with pipelines and commands', () => {
  assert.ok(pages.length > 20)
  assert.ok(pages.flatMap((page) => blocksOf(page, 'json')).length > 5)
})

docs.run()

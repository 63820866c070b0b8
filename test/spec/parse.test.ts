import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  boolean,
  choice,
  globs,
  integer,
  number,
  type Options,
  object,
  record,
  string,
} from '../../src/spec/fields.ts'
import { parseOptions } from '../../src/spec/parse.ts'
import { problemText } from '../../src/spec/problem.ts'

const parse = suite('parsing options by their spec')

const fields = {
  rank: integer({ description: 'kept', min: 1, max: 64, default: 16 }),
  forget: number({ description: 'factor', min: 0, max: 1 }),
  tier: choice(['auto', 'basis'], { description: 'tier', default: 'auto' }),
  quiet: boolean({ description: 'say nothing', default: false }),
  id: string({ description: 'name', pattern: '^[a-z]+$' }),
  groups: record(globs({ description: 'tensors' }), { description: 'groups', default: {} }),
  memory: object(
    { max: integer({ description: 'limit', min: 1, default: 7 }) },
    { description: 'memory' }
  ),
} as const

const texts = (input: unknown) => parseOptions(fields, input).problems.map(problemText)

parse('fills in defaults, nested ones too, and leaves out what has none', () => {
  const { value, problems } = parseOptions(fields, {})
  const typed: Options<typeof fields> = value
  assert.equal(typed.memory.max + typed.rank, 23)
  assert.equal(value, { rank: 16, tier: 'auto', quiet: false, groups: {}, memory: { max: 7 } })
  assert.equal(problems, [])
})

parse('leaves what it has parsed as it is', () => {
  const once = parseOptions(fields, { rank: 3, groups: { a: ['x.*'] }, memory: { max: 9 } }).value
  assert.equal(parseOptions(fields, once), { value: once, problems: [] })
})

parse('finds all problems in one pass', () => {
  const given = {
    rank: 3.5,
    forget: 2,
    tier: 'bases',
    quiet: 1,
    id: 'A',
    groups: { a: 'x', b: [1] },
  }
  assert.equal(texts(given), [
    'rank: 3.5 is not an integer from 1 to 64.',
    'forget: 2 is not a number from 0 to 1.',
    'tier: "bases" is not "auto" or "basis". Did you mean "basis"?',
    'quiet: 1 is not true or false.',
    'id: "A" is not a string like ^[a-z]+$.',
    'groups.a: "x" is not a list.',
    'groups.b[0]: 1 is not a glob: brackets and braces in pairs, ranges forwards.',
  ])
})

parse('replaces what is wrong by its default', () => {
  assert.equal(parseOptions(fields, { rank: 0, forget: null }).value.rank, 16)
  assert.is(parseOptions(fields, { forget: Number.NaN }).value.forget, undefined)
})

parse('names the nearest key, or the level that a key belongs to', () => {
  assert.equal(texts({ rnak: 3 }), ['rnak: unknown key "rnak". Did you mean "rank"?'])
  assert.equal(texts({ max: 3 }), [
    'max: unknown key "max". It belongs one level down, in "memory".',
  ])
  assert.equal(texts({ memory: { rank: 3 } }), [
    'memory.rank: unknown key "rank". It belongs one level up, at the top.',
  ])
  assert.equal(parseOptions(fields, { memory: { rank: 3 } }, ['stages', 0]).problems[0]?.path, [
    'stages',
    0,
    'memory',
    'rank',
  ])
  assert.match(texts({ somethingElse: 3 })[0]!, 'Known here: rank, forget')
})

parse('refuses what is not an object', () => {
  for (const input of [null, 3, 'x', []]) assert.is(texts(input).length, 1, JSON.stringify(input))
})

parse('says when a required option is missing', () => {
  const required = { path: string({ description: 'the file to read', required: true }) }
  assert.equal(parseOptions(required, {}).problems.map(problemText), [
    'path: is missing. Give the file to read.',
  ])
})

parse('keeps keys such as __proto__ harmless', () => {
  const { value } = parseOptions(fields, JSON.parse('{"groups": {"__proto__": ["x"]}}'))
  assert.equal(Object.keys(value.groups), ['__proto__'])
  assert.match(texts(JSON.parse('{"__proto__": 1}'))[0]!, 'unknown key "__proto__"')
})

parse.run()

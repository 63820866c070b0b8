import { optionsOf } from '../engine/settings/parse.ts'
import type { Field, Fields } from '../spec/fields.ts'
import type { Figure } from '../spec/figures.ts'
import { parseOptions } from '../spec/parse.ts'
import type { StageDefinition } from '../stage/define.ts'
import { type Check, expect, isSentence } from './check.ts'

/** The checks of a stage that do not run it. */
export function specChecks(definition: StageDefinition): Check[] {
  const { type, summary, asks, options, figures, alerts = {}, ports = {}, placement } = definition
  return [
    {
      name: 'is described',
      run() {
        expect(/^[a-z][a-z0-9-]*$/.test(type), `type "${type}" is not like this-one`)
        expect(isSentence(summary), `summary is not a sentence: ${summary}`)
        expect(asks.endsWith('?'), `asks is not a question: ${asks}`)
        describedFields(options)
      },
    },
    {
      name: 'has options that parse',
      run() {
        const { problems } = parseOptions(optionsOf(definition), {})
        const wrong = problems.filter(({ message }) => !message.startsWith('is missing'))
        expect(wrong.length === 0, wrong.map(({ message }) => message).join('; '))
        const unknown = parseOptions(optionsOf(definition), { 'not-an-option': 1 })
        expect(unknown.problems.length > 0, 'an unknown option is taken')
      },
    },
    {
      name: 'declares its figures',
      run() {
        for (const [name, figure] of Object.entries(figures)) declaredFigure(name, figure, figures)
      },
    },
    {
      name: 'declares its alerts',
      run() {
        for (const [condition, { means }] of Object.entries(alerts)) {
          expect(/^[a-z][a-z0-9-]*$/.test(condition), `alert "${condition}" is not like-this`)
          expect(isSentence(means), `alert "${condition}" is not told in a sentence: ${means}`)
        }
      },
    },
    {
      name: 'offers what it declares',
      run() {
        const declared = Object.keys(ports).length > 0
        expect(!declared || definition.offers, 'it has ports, and says nothing of them beforehand')
        const sketching = definition.sketching?.(parseOptions(options, {}).value)
        expect(
          placement !== 'tensor' || (sketching ?? 'never') === 'never',
          'a sketch has no whole tensors'
        )
      },
    },
  ]
}

function describedFields(fields: Fields, prefix = ''): void {
  for (const [key, field] of Object.entries(fields) as [string, Field][]) {
    expect(field.description.length > 0, `option "${prefix}${key}" has no description`)
    if (field.kind === 'object') describedFields(field.fields, `${prefix}${key}.`)
  }
}

const links = ['null', 'scatter', 'bound', 'error', 'interval'] as const

function declaredFigure(name: string, figure: Figure, all: StageDefinition['figures']): void {
  expect(/^[a-z][A-Za-z0-9]*$/.test(name), `figure "${name}" is not likeThis`)
  expect(name !== 'why', '"why" is every summary\'s own')
  expect(figure.title !== '', `figure "${name}" has no title`)
  for (const text of [figure.means, figure.misleads]) {
    expect(
      text === undefined || isSentence(text),
      `figure "${name}" is not told in a sentence: ${text}`
    )
  }
  for (const link of links) {
    const other = figure[link]
    expect(
      other === undefined || other in all,
      `figure "${name}": ${link} "${other}" is not declared`
    )
  }
  if (figure.kind === 'spectrum' && figure.details !== undefined) {
    const table = all[figure.details]
    expect(table?.kind === 'table', `figure "${name}": "${figure.details}" is not a table`)
  }
  if (figure.kind === 'spectrum') {
    const { window, spacing, alike = [] } = figure
    const is = (kind: Figure['kind'], other: string | undefined) =>
      other === undefined || all[other]?.kind === kind
    expect(is('interval', window), `figure "${name}": "${window}" is not an interval`)
    expect(is('scalar', spacing), `figure "${name}": "${spacing}" is not a scalar`)
    for (const other of alike) {
      expect(other in all, `figure "${name}": "${other}" is not declared`)
    }
  }
}

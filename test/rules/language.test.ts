import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ruleFaults } from '../../src/rules/check.ts'
import { evaluate, partOf, type Value } from '../../src/rules/evaluate.ts'
import { longestRule } from '../../src/rules/expression.ts'
import { parseRule } from '../../src/rules/parse.ts'
import type { AnyValues, Figures } from '../../src/spec/figures.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'

const rules = suite('the language of rules')

const known = new Map([['every-kind', everyKind.definition.figures as Figures]])

function come(rule: string, values: AnyValues = everyValue): Value {
  const parsed = parseRule(rule)
  if ('fault' in parsed) throw new Error(`${rule}: ${parsed.fault.message}`)
  return evaluate(parsed.expression, ({ path }) => partOf(values, path))
}

/** All that is wrong with a rule, each with its place. */
function wrong(rule: string): string[] {
  const parsed = parseRule(rule)
  const faults = 'fault' in parsed ? [parsed.fault] : ruleFaults(parsed.expression, known)
  return faults.map(({ at, message }) => `${at}: ${message}`)
}

rules('computes as arithmetic does', () => {
  for (const [rule, value] of [
    ['1 + 2 * 3 == 7', true],
    ['(1 + 2) * 3 == 9', true],
    ['10 - 4 - 3 == 3', true],
    ['8 / 4 / 2 == 1', true],
    ['-2 * -3 >= 6', true],
    ['1e-3 < 0.01', true],
    ['not 1 > 2 and 2 > 1', true],
    ['1 > 2 or 2 > 1 and 3 > 4', false],
    ['"a" == "a" and "a" != "b"', true],
    ['max(1, 5, 3) - min(2, 4) == 3', true],
    ['abs(1 - 3) == 2', true],
  ] as const) {
    assert.is(come(rule), value, rule)
  }
})

rules('reads a part of a figure of any kind', () => {
  for (const rule of [
    'every-kind.ratio > every-kind.ratioNull + 3 * every-kind.ratioNullError',
    'every-kind.values[0] > 12 and every-kind.values[-1] < 1',
    'every-kind.sizeInterval[1] - every-kind.sizeInterval[0] < 1',
    'every-kind.history.values[0][-1] == 3',
    'every-kind.eigenvalues[1][1] < 0',
    'max(every-kind.sizes.counts) == 4',
    'every-kind.layers.values[1][1] == 7',
    'every-kind.modes[0].reference.tensor == "a.b"',
    'every-kind.phases.transitions[0].count == 3',
    'every-kind.finding == "calm"',
    'length(every-kind.modes) == 1',
    'every-kind["ratio"] > 0',
  ]) {
    assert.equal(wrong(rule), [], rule)
    assert.is(come(rule), true, rule)
  }
})

rules('hang on what is not known only where it matters', () => {
  const values = { ratio: Number.NaN, size: 2, values: null }
  assert.is(come('k.ratio > 0', values), undefined)
  assert.is(come('not k.ratio > 0', values), undefined)
  assert.is(come('k.ratio > 0 or k.size > 1', values), true)
  assert.is(come('k.ratio > 0 and k.size > 5', values), false)
  assert.is(come('k.ratio > 0 and k.size > 1', values), undefined)
  assert.is(come('k.values[0] > 0', values), undefined)
  assert.is(come('k.constructor == 1', values), undefined)
  assert.is(come('1 / 0 > 5'), undefined)
  assert.is(come('max(k.missing) > 1', values), undefined)
})

rules('say what cannot be read, and where', () => {
  for (const [rule, fault] of [
    ['', '0: expected a figure or a number, got the end.'],
    ['1 >', '3: expected a figure or a number, got the end.'],
    ['a.b = 1', '4: "=" has no meaning here. Write "==".'],
    ['a.b > 1 && a.c > 1', '8: "&" has no meaning here. Write "and".'],
    ['(1 > 2', '6: expected ")", got the end.'],
    ['1 > 2 3', '6: expected an operator or the end, got "3".'],
    ['mx(1, 2) > 1', '0: "mx" is neither a function nor a figure. Did you mean "max"?'],
    ['ratio > 1', '0: "ratio" is neither a function nor a figure. A figure is named by its stage'],
    ['constructor(1) > 1', '0: "constructor" is neither a function nor a figure'],
    ['"\\x" == "a"', '0: "\\x" is not a JSON string.'],
  ] as const) {
    const [first] = wrong(rule)
    assert.ok(first?.startsWith(fault), `${rule}: ${first}`)
  }
  assert.match(wrong('('.repeat(longestRule + 1))[0]!, 'is longer than 1000 characters')
  assert.match(wrong('('.repeat(longestRule))[0]!, 'got the end')
})

rules('say which names nothing has, and what does not go together', () => {
  for (const [rule, fault] of [
    [
      'every-knid.ratio > 1',
      '0: no stage here has the id "every-knid". Did you mean "every-kind"?',
    ],
    ['1 < every-kind.rato', '4: "every-kind" has no figure "rato". Did you mean "ratio"?'],
    ['every-kind.modes[0].strenth > 1', '0: modes has no part "strenth". Did you mean "strength"?'],
    ['every-kind.ratio[0] > 1', '0: ratio has no part 0.'],
    ['every-kind.values > 1', '0: expected a number, got a list; write a place'],
    ['every-kind.history > 1', '0: expected a number, got several values: .steps, .values.'],
    ['every-kind.ratio', '0: expected true or false, got a number.'],
    ['every-kind.finding == "clam"', '0: it never says "clam". Did you mean "calm"?'],
    ['every-kind.finding == 1', 'a text and a number cannot be compared.'],
    ['not every-kind.ratio == 1 and every-kind.size', 'expected true or false, got a number.'],
    ['abs(every-kind.values) > 1', 'expected a number, got a list'],
    ['length(every-kind.ratio) > 1', 'length takes one list.'],
    ['max(every-kind.modes) > 1', 'max takes numbers, or one list of them.'],
    ['every-kind.__proto__ > 1', '0: "every-kind" has no figure "__proto__".'],
  ] as const) {
    const faults = wrong(rule)
    assert.is(faults.length, 1, `${rule}: ${faults}`)
    assert.ok(faults[0]!.includes(fault), `${rule}: ${faults[0]}`)
  }
  assert.is(wrong('every-kind.x > 1 and evry-kind.y > 1').length, 2)
})

rules.run()

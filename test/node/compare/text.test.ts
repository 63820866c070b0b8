import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Comparison } from '../../../src/node/compare/compare.ts'
import { leading, notesOf, sentenceOf } from '../../../src/node/compare/text.ts'

const sentences = suite('sentences of a comparison')

const comparison = (figure: string, kind: Comparison['kind'], p: number): Comparison => ({
  ...{ figure, kind, groups: ['before', 'after'], runs: [5, 5], distances: [] },
  ...{ between: 0.1, within: [0.1, 0.1], excess: 0 },
  test: { p, least: 2 / 252, permutations: 252, exact: true },
  verdict: p <= 0.05 ? 'different' : 'not shown',
})

const said = (...others: Comparison[]): string => {
  const all = [...others, comparison('koopman eigenvalues', 'spectrum', 0.2)]
  return sentenceOf(leading(all)[0]!, 0.05).replaceAll('\n', ' ')
}

sentences('a difference that another figure shows is not passed over', () => {
  const map = comparison('path trajectoryMap', 'matrix', 2 / 252)
  assert.match(said(map), /^No difference .* By path trajectoryMap they differ, at 0\.05 for all/)
})

sentences('one of many figures that differs by chance is none', () => {
  const chance = comparison('path trajectoryMap', 'matrix', 0.03)
  assert.match(said(chance), /^No difference .* A small difference may go unseen\.$/)
})

sentences('of many pairs it is said how often one differs by chance', () => {
  const pairs = [0.6, 2 / 252, 2 / 252].map((p, i) => ({
    ...comparison('koopman eigenvalues', 'spectrum', p),
    groups: (['ab', 'ac', 'bc'][i] ?? '').split('') as [string, string],
  }))
  assert.match(notesOf(pairs, 0.05).join(), /^Each of 3 pairs was tested at 0\.05: .* up to 15 %/)
  assert.equal(notesOf(pairs.slice(0, 2), 0.05).length, 1)
  assert.equal(notesOf(pairs.slice(1, 2), 0.05), [], 'one pair keeps the level')
})

sentences.run()

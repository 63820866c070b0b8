import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { editDistance, nearest } from '../../src/spec/nearest.ts'

const names = suite('the nearest name')

names('is counted in edits', () => {
  assert.is(editDistance('', 'abc'), 3)
  assert.is(editDistance('kitten', 'sitting'), 3)
  assert.is(editDistance('rank', 'rnak'), 1)
  assert.is(editDistance('same', 'same'), 0)
})

names('is given only if it is near', () => {
  const known = ['include', 'exclude', 'every', 'from', 'to']
  assert.is(nearest('inclde', known), 'include')
  assert.is(nearest('Exclude', known), 'exclude')
  assert.is(nearest('banana', known), undefined)
})

names.run()

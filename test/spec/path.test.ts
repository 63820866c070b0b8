import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatPath, parsePath } from '../../src/spec/path.ts'

const paths = suite('paths of configuration values')

paths('are read as they are written', () => {
  for (const path of [
    ['block'],
    ['stages', 0, 'rank'],
    ['stages', 'svd-2', 'rank'],
    ['groups', 'a.b c"', 12],
    ['$schema'],
  ]) {
    assert.equal(parsePath(formatPath(path)), path)
  }
  assert.is(formatPath(['stages', 0, 'select', 'include', 1]), 'stages[0].select.include[1]')
})

paths('are refused where they are not paths', () => {
  for (const text of ['', '.', 'a..b', 'a[', 'a[x]', 'a]', '.a.']) {
    assert.is(parsePath(text), undefined, text)
  }
})

paths.run()

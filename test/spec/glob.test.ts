import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { globToRegExp } from '../../src/spec/glob.ts'

const glob = suite('a glob over names')

glob('takes a line feed of a name like any other character', () => {
  const name = 'a\nb.c\nkernel'
  for (const pattern of ['**', '*.*', '**.c?kernel', '**kernel']) {
    assert.ok(globToRegExp(pattern).test(name), pattern)
  }
  assert.not(globToRegExp('**.bias').test(`${name}.bias\n`))
})

glob('of paths separates by slashes alone', () => {
  const small = globToRegExp('**/h5-*', '/')
  for (const path of ['h5-1', 'runs/h5-lr0.1.thalweg', '/a.b/h5-1.ndjson'])
    assert.ok(small.test(path))
  assert.not(small.test('runs/h5-1/0.thalweg'))
  assert.not(globToRegExp('*.ndjson', '/').test('a-ndjson'))
})

glob.run()

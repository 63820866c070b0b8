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

glob.run()

import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exitCodes } from '../../src/error.ts'
import { referenceText } from '../../src/node/reference.ts'

const reference = suite('docs/reference.md')

reference('says what the specs say; npm run build writes it', () => {
  assert.is(readFileSync('docs/reference.md', 'utf8'), referenceText())
})

reference('has every error under its exit code', () => {
  for (const [name, code] of Object.entries(exitCodes)) {
    assert.match(referenceText(), new RegExp(`^\\| ${code} \\|.*\`${name}\``, 'm'))
  }
})

reference.run()

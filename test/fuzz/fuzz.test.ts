import { spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analysing, inputOf, posting, reading } from './oracles.ts'

const fuzz = suite('streams that are made up')

fuzz('are read, analysed and posted the same, whatever the course', async () => {
  const outcomes = new Set<string>()
  for (let number = 0; number < 240; number++) {
    const input = inputOf(7, number)
    try {
      outcomes.add(reading(input))
      if (number % 4 === 0) analysing(input)
      if (number % 24 === 0) await posting(input)
    } catch (error) {
      console.error(`node --import tsx test/fuzz/main.ts --seed 7 --from ${number} --inputs 1`)
      throw error
    }
  }
  // They are of many kinds, or they would show little.
  for (const outcome of ['closed', 'truncated', 'E_FRAME', 'E_FRAME_KEY', 'E_CLOSE', 'E_PAYLOAD']) {
    assert.ok(outcomes.has(outcome), `${outcome} never came`)
  }
})

fuzz('are functions of seed and number', () => {
  for (const number of [0, 17, 123_456]) {
    const [one, again, other] = [inputOf(3, number), inputOf(3, number), inputOf(4, number)]
    assert.equal(one.stream, again.stream)
    assert.equal(one.settings.block, again.settings.block)
    assert.not.equal(one.stream, other.stream)
  }
})

fuzz('run by hand, one of them in threads', () => {
  const args = [
    '--import',
    'tsx',
    'test/fuzz/main.ts',
    '--seed',
    '3',
    '--from',
    '2',
    '--inputs',
    '1',
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.is(status, 0, stderr)
  assert.match(stdout, /1 inputs read, 1 of them analysed in four ways, 1 posted, 1 in threads/)
})

fuzz.run()

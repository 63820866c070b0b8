import { chunks } from '../../node/chunks.ts'
import { standardInput } from '../../node/standard-input.ts'
import { defineSource } from '../../pipeline/source.ts'

export const stdin = defineSource({
  type: 'stdin',
  summary: 'The stream on standard input.',
  options: {},
  open: (_, signal) => chunks(standardInput(), signal, 'stdin'),
})

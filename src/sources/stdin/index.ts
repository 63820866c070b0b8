import { chunks } from '../../node/chunks.ts'
import { defineSource } from '../../pipeline/source.ts'

export const stdin = defineSource({
  type: 'stdin',
  summary: 'The stream on standard input.',
  options: {},
  open: (_, signal) => chunks(process.stdin, signal, 'stdin'),
})

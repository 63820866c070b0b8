import { createReadStream } from 'node:fs'
import { chunks } from '../../node/chunks.ts'
import { defineSource } from '../../pipeline/source.ts'
import { string } from '../../spec/fields.ts'

export const file = defineSource({
  type: 'file',
  summary: 'A recorded stream.',
  options: { path: string({ description: 'the file to read', required: true }) },
  seeks: true,
  async *open({ path }, signal, start = 0) {
    const stream = createReadStream(path, { highWaterMark: 1 << 20, start })
    try {
      yield* chunks(stream, signal, `file "${path}"`)
    } finally {
      stream.destroy()
    }
  },
})

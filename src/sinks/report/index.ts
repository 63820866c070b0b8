import { rename } from 'node:fs/promises'
import { openWriter } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { string } from '../../spec/fields.ts'
import { htmlOf } from './html.ts'
import { Listener } from './model/hear.ts'

export const report = defineSink({
  type: 'report',
  summary:
    'A page to look at: one HTML file with every figure drawn, made anew at the end of each run.',
  options: {
    path: string({ description: 'the file to write', default: 'report.html' }),
  },
  async open({ path }, { specs }) {
    const listener = new Listener(specs)
    // The page that was there stays until the next one is whole.
    const beside = `${path}.part`
    await (await openWriter(beside)).close()
    let isBehind = true
    const write = async (): Promise<void> => {
      const writer = await openWriter(beside)
      await writer.write(htmlOf(listener.picture))
      await writer.close()
      await rename(beside, path)
      isBehind = false
    }
    return {
      async write(block) {
        listener.hearBlock(block)
        isBehind ||= block.summaries.length > 0
        if (block.final) await write()
      },
      close: async () => {
        if (isBehind) await write()
      },
    }
  },
})

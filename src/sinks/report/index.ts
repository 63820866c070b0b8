import { rename, stat } from 'node:fs/promises'
import { ThalwegError } from '../../error.ts'
import { openWriter, outputError } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { string } from '../../spec/fields.ts'
import { htmlOf } from './html.ts'
import { Listener } from './model/hear.ts'

export const report = defineSink({
  type: 'report',
  summary: 'One HTML page with every figure drawn, written again at the end of each run.',
  options: {
    path: string({ description: 'the file to write', default: 'report.html' }),
  },
  async open({ path }, { specs }) {
    if ((await stat(path).catch(() => undefined))?.isDirectory()) {
      const what = `file "${path}" cannot be written: it is a folder`
      throw new ThalwegError('E_OUTPUT', `${what}. Name a file in it.`)
    }
    const listener = new Listener(specs)
    // The existing page stays until the next one is complete.
    const beside = `${path}.part`
    await (await openWriter(beside)).close()
    let isBehind = true
    const write = async (): Promise<void> => {
      const writer = await openWriter(beside)
      await writer.write(htmlOf(listener.picture))
      await writer.close()
      await rename(beside, path).catch((error) => {
        throw outputError(error, `file "${path}"`)
      })
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

import { summaryLine } from '../../engine/summary.ts'
import { openWriter } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { string } from '../../spec/fields.ts'

export const ndjson = defineSink({
  type: 'ndjson',
  summary: 'One summary a line, as JSON.',
  options: {
    path: string({ description: 'the file to write, `-` for standard output', default: '-' }),
  },
  async open({ path }, { length }) {
    const writer = await openWriter(path, length as number | undefined)
    return {
      write: ({ summaries }) =>
        writer.write(summaries.map((summary) => `${summaryLine(summary)}\n`).join('')),
      length: writer.length,
      close: () => writer.close(),
    }
  },
})

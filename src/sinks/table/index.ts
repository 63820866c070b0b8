import { terminalOf } from '../../node/terminal.ts'
import { streamWriter } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { plain, plainValue } from '../../plain.ts'
import { Overview } from './overview.ts'
import { render } from './render.ts'

export const table = defineSink({
  type: 'table',
  summary: 'A table for people on standard error at the end of each run.',
  options: {},
  open(_options, { specs }) {
    const { stderr } = process
    const writer = streamWriter(stderr, 'stderr')
    let overview: Overview | undefined
    return {
      async write(block) {
        overview ??= new Overview(plain(block.run))
        overview.add({ ...block, summaries: plainValue(block.summaries) })
        if (!block.final) return
        const terminal = terminalOf(stderr)
        const text = render(overview, specs, terminal)
        overview = undefined
        // The progress display may have left its line.
        await writer.write(`${terminal.clearLine}${text}`)
      },
      close: () => writer.close(),
    }
  },
})

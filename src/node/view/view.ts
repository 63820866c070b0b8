import type { AnalysedBlock, SummarySpecs } from '../../engine/summary.ts'
import type { Meter } from '../../pipeline/meter.ts'
import { Listener } from '../../sinks/report/model/hear.ts'
import { terminalOf } from '../terminal.ts'
import { screenOf } from './screen.ts'

const redrawMs = 1000

export interface View {
  show(block: AnalysedBlock): void
  /** Removes the view from the terminal until it is drawn again. */
  clear(): void
  /** Removes the view for good. */
  close(): void
}

/** Shows a run on a terminal while it continues. It is redrawn in place once a second. */
export function openView(
  specs: SummarySpecs,
  meter: Meter,
  stream: Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'isTTY'> = process.stderr
): View {
  const listener = new Listener(specs)
  let height = 0
  /** Returns to the beginning of the last drawing and clears everything below. */
  const clear = (): string => (height > 0 ? `\x1b[${height}A\r\x1b[J` : '\r\x1b[J')
  const draw = (): void => {
    const rows = (stream.rows || 24) - 1
    const lines = screenOf(listener.picture, meter.takePace(), terminalOf(stream), rows)
    stream.write(`${clear()}${lines.map((line) => `${line}\n`).join('')}`)
    height = lines.length
  }
  const timer = setInterval(draw, redrawMs)
  return {
    show: (block) => {
      listener.hearBlock(block)
    },
    clear: () => {
      stream.write(clear())
      height = 0
    },
    close: () => {
      clearInterval(timer)
      stream.write(clear())
      height = 0
    },
  }
}

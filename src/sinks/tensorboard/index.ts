import { mkdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { figuresOf } from '../../engine/run/specs.ts'
import { crc32 } from '../../engine/state/crc32.ts'
import type { AnalysedBlock, Summary, SummarySpecs } from '../../engine/summary.ts'
import { markdownText } from '../../node/markdown.ts'
import { openWriter, outputError, type Writer } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { plain } from '../../plain.ts'
import { boolean, string } from '../../spec/fields.ts'
import { known } from '../../spec/values.ts'
import type { SummarySpec } from '../../stage/define.ts'
import { joined } from '../../wire/joined.ts'
import { draw } from './draw.ts'
import { double, string as field, integer, message, type Part } from './protobuf.ts'
import { record } from './record.ts'
import { updatesOf } from './updates.ts'
import { type Setting, sessionEnd, sessionStart, text } from './values.ts'

export const tensorboard = defineSink({
  type: 'tensorboard',
  summary: 'Event files for TensorBoard: scalars, histograms, images, texts and hyperparameters.',
  options: {
    path: string({
      description: 'the folder for a folder of each run: `tensorboard --logdir <path>`',
      required: true,
    }),
    updates: boolean({
      description: "a histogram of each tensor's last delta, of at most 65,536 of its weights",
      default: true,
    }),
  },
  async open({ path, updates }, { specs, length = {} }) {
    const kept = length as Readonly<Record<string, number>>
    const files = new Map<string, Writer>()
    const fileOf = async (run: string): Promise<Writer> => {
      const name = folderOf(run)
      const file = files.get(name) ?? (await openEvents(path, name, kept[name]))
      files.set(name, file)
      return file
    }
    for (const name of Object.keys(kept)) {
      files.set(name, await openEvents(path, name, kept[name]))
    }
    let last = Promise.resolve()
    let run: string | undefined
    return {
      write(block) {
        const seconds = Date.now() / 1000
        const events = block.summaries.map((summary) =>
          event(seconds, summary.step, partsOf(summary, specs))
        )
        // The columns exist only while the block is being emitted.
        if (updates) events.push(event(seconds, block.to, updatesOf(block)))
        if (run !== block.run) events.unshift(event(seconds, 0, settingsOf(block, seconds)))
        run = block.final ? undefined : block.run
        last = last.then(async () => (await fileOf(block.run)).write(joined(events)))
        return last
      },
      async length() {
        const lengths = [...files].map(async ([name, file]) => [name, await file.length!()])
        return Object.fromEntries(await Promise.all(lengths))
      },
      async close() {
        for (const file of files.values()) await file.close()
      },
    }
  },
})

async function openEvents(path: string, name: string, kept?: number): Promise<Writer> {
  const folder = join(path, name)
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw outputError(error, `folder "${folder}"`)
  })
  // The name is always the same. Otherwise TensorBoard would show the events of an older file together with ours.
  const file = join(folder, 'events.out.tfevents.0000000000.thalweg')
  if (kept === undefined) await rm(file, { force: true })
  const writer = await openWriter(file, kept)
  if (kept === undefined) await writer.write(beginning())
  return writer
}

/** The beginning of every event file. */
function beginning(): Uint8Array {
  const writer = message(10, field(1, `thalweg on ${hostname()}`))
  return record(joined([double(1, Date.now() / 1000), field(3, 'brain.Event:2'), writer]))
}

function event(seconds: number, step: number, values: readonly Part[]): Uint8Array {
  if (values.length === 0) return new Uint8Array(0)
  return record(joined([double(1, seconds), integer(2, step), message(5, ...values)]))
}

/**
 * The name of a run's folder. A run's name that cannot be used unchanged gets its checksum appended, so that no two runs share a
 * folder.
 */
function folderOf(run: string): string {
  const name = run
    .replace(/[^\w.-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100)
  if (name === run && name !== '') return name
  return `${name}-${crc32(new TextEncoder().encode(run)).toString(16)}`
}

/** The trainer's settings as hyperparameters. A stored run has none. */
function settingsOf({ open }: AnalysedBlock, seconds: number): Part[] {
  const settings = Object.entries(open?.meta ?? {}).filter((entry): entry is [string, Setting] =>
    ['number', 'string', 'boolean'].includes(typeof entry[1])
  )
  if (settings.length === 0) return []
  return [sessionStart(Object.fromEntries(settings), seconds)]
}

function partsOf(summary: Summary, specs: SummarySpecs): Part[] {
  const { stage, scope, member, values, alerts } = summary
  const place = [scope === 'model' ? '' : scope, member === 0 ? '' : `member ${member}`]
  const tagOf = (name: string) => plain([stage, name, ...place].filter(Boolean).join('/'))
  const parts = Object.entries(figuresOf(summary, specs)).flatMap(([name, figure]) =>
    draw(tagOf(name), figure, values[name])
  )
  const spec = specs.get(summary.type)
  const said = spec ? saidBy(spec, summary) : ''
  if (said !== '') parts.push(text(tagOf('says'), said))
  if (alerts.length > 0) {
    const lines = alerts.map(({ id, level, message }) => markdownText(`${level} ${id}: ${message}`))
    parts.push(text(tagOf('alerts'), lines.map((line) => `- ${line}`).join('\n')))
  }
  if (summary.type === 'run') {
    const status = values.end === 'failed' ? 2 : 1
    parts.push(sessionEnd(status, Date.now() / 1000))
  }
  return parts
}

function saidBy({ figures, says }: SummarySpec, { values }: Summary): string {
  return says(known(figures, values))
    .map(({ text }) => markdownText(text))
    .join(' ')
}

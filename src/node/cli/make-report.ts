import { specsOf } from '../../engine/run/specs.ts'
import type { SummarySpecs } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import { htmlOf } from '../../sinks/report/html.ts'
import { Listener } from '../../sinks/report/model/hear.ts'
import { string } from '../../spec/fields.ts'
import { requireDistinctFiles } from '../distinct-files.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { registry as shipped } from '../registry.ts'
import { readSummaries } from '../summaries.ts'
import { openWriter } from '../writer.ts'
import { defineCommand } from './command.ts'

export const makeReport = defineCommand({
  name: 'report',
  summary: 'Draws stored summaries as one HTML file, with several runs side by side.',
  positional: {
    name: '<summaries.ndjson>...',
    description: 'files of sink ndjson, or `-`',
    many: true,
  },
  options: {
    out: string({
      description: 'the page to write, `-` for standard output',
      default: 'report.html',
      unit: 'file',
    }),
    pipeline: string({
      description: 'also knows the stages of the modules in the `use` of this pipeline',
      unit: 'file',
    }),
  },
  shorthands: { letters: { o: 'out' } },
  examples: [
    'thalweg report summaries.ndjson -o run.html',
    'thalweg report a.ndjson b.ndjson -o both.html',
  ],
  async run({ out, pipeline }, paths) {
    if (paths.length === 0) {
      throw new ThalwegError('E_USAGE', 'report: no file of summaries is named.')
    }
    requireDistinctFiles(
      [
        ...paths.map((path) => ({ use: 'the summaries', path })),
        { use: 'the report', path: out },
      ].filter(({ path }) => path !== '-')
    )
    const specs = await specsFor(pipeline)
    const listener = new Listener(specs)
    for (const path of paths) {
      for await (const { summaries } of readSummaries(path, { specs })) {
        for (const summary of summaries) listener.hear(summary, path)
      }
    }
    const writer = await openWriter(out)
    await writer.write(htmlOf(listener.picture))
    await writer.close()
    const left = [...listener.unknown].map(quoted).join(', ')
    if (left !== '') {
      process.stderr.write(
        `report: summaries of type ${left} are left out. Name the pipeline that uses their stage by --pipeline.\n`
      )
    }
    return 0
  },
})

/** What is known of the shipped stages, and of those that a pipeline uses. */
export async function specsFor(pipeline: string | undefined): Promise<SummarySpecs> {
  const { stages } = pipeline ? (await loadPipeline(pipeline, [], shipped)).registry : shipped
  return specsOf({ stages })
}

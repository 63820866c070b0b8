import { createReadStream } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AnalysedBlock, summaryLine } from '../../engine/summary.ts'
import { openWriter, outputError } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { storedBlocks } from '../../pipeline/stored.ts'
import { plain, plainValue } from '../../plain.ts'
import { string } from '../../spec/fields.ts'
import { Overview } from '../table/overview.ts'
import { gistOf } from './gist.ts'
import { pageOf } from './markdown.ts'

/** How many runs of one stream are kept: the last ones. */
const mostRuns = 64

export const summary = defineSink({
  type: 'summary',
  summary: 'What each run comes to so far, terse, as `summary.json` and `summary.md`.',
  options: {
    path: string({
      description:
        'the folder for the two files, and for the `summary.ndjson` that they are made of',
      required: true,
    }),
  },
  async open({ path }, { specs, length }) {
    await mkdir(path, { recursive: true }).catch((error) => {
      throw outputError(error, `folder "${path}"`)
    })
    // The two files do not say what they contained when the run was saved. So a resumed run makes them again from these lines.
    const source = join(path, 'summary.ndjson')
    const lines = await openWriter(source, length as number | undefined)
    const runs: Overview[] = []
    const take = (block: AnalysedBlock): void => {
      let run = runs.at(-1)
      if (run === undefined || run.end || run.run !== plain(block.run)) {
        run = new Overview(plain(block.run))
        runs.push(run)
        runs.splice(0, runs.length - mostRuns)
      }
      run.add({ ...block, summaries: plainValue(block.summaries) })
    }
    for await (const block of storedBlocks(createReadStream(source), specs, `file "${source}"`))
      take(block)
    const put = async (name: string, text: string): Promise<void> => {
      const file = join(path, name)
      // Whoever reads the file in the meantime finds the complete previous version.
      const next = `${file}.next`
      try {
        await writeFile(next, text)
        await rename(next, file)
      } catch (error) {
        throw outputError(error as NodeJS.ErrnoException, `file "${file}"`)
      }
    }
    const save = async (): Promise<void> => {
      const gists = runs.map((overview) => gistOf(overview, specs))
      const json = { schema: 'thalweg.gist/1', runs: gists }
      await put('summary.json', `${JSON.stringify(json, null, 1)}\n`)
      await put('summary.md', pageOf(gists, specs))
    }
    let last = Promise.resolve()
    return {
      write(block) {
        take(block)
        const text = block.summaries.map((own) => `${summaryLine(own)}\n`).join('')
        last = last.then(async () => {
          await lines.write(text)
          await save()
        })
        return last
      },
      length: lines.length,
      close: () => lines.close(),
    }
  },
})

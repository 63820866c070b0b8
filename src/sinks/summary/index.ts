import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { outputError } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { plain, plainValue } from '../../plain.ts'
import { string } from '../../spec/fields.ts'
import { Overview } from '../table/overview.ts'
import { gistOf } from './gist.ts'
import { pageOf } from './markdown.ts'

/** Most runs of one stream that are kept, the last. */
const mostRuns = 64

export const summary = defineSink({
  type: 'summary',
  summary: 'What each run comes to so far, terse, as `summary.json` and `summary.md`.',
  options: {
    path: string({ description: 'the folder for the two files', required: true }),
  },
  async open({ path }, { specs }) {
    await mkdir(path, { recursive: true }).catch((error) => {
      throw outputError(error, `folder "${path}"`)
    })
    const runs: Overview[] = []
    const put = async (name: string, text: string): Promise<void> => {
      const file = join(path, name)
      // Whoever reads it meanwhile finds the last one, as a whole.
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
        let run = runs.at(-1)
        if (run === undefined || run.end || run.run !== plain(block.run)) {
          run = new Overview(plain(block.run))
          runs.push(run)
          runs.splice(0, runs.length - mostRuns)
        }
        run.add({ ...block, summaries: plainValue(block.summaries) })
        last = last.then(save)
        return last
      },
      close() {},
    }
  },
})

// Goes into every process of a test: notes at its end which mutants it has reached, where somebody asks.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.MUTANT_COVERAGE
if (folder) {
  process.on('exit', () => {
    const { static: always = {}, perTest = {} } = globalThis.__stryker__?.mutantCoverage ?? {}
    const ids = [always, ...Object.values(perTest)].flatMap((counts) => Object.keys(counts))
    const name = `${process.pid}-${Math.random().toString(36).slice(2)}.json`
    writeFileSync(join(folder, name), JSON.stringify(ids))
  })
}

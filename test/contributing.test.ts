import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StageValue } from '../src/stage/define.ts'
import { checkStage } from '../src/testing/index.ts'

const contributing = suite('CONTRIBUTING.md')
const folder = mkdtempSync(resolve('test', 'tmp-'))
contributing.after(() => rmSync(folder, { recursive: true }))

contributing('has a stage that keeps all that a stage promises', async () => {
  const text = readFileSync('CONTRIBUTING.md', 'utf8')
  const [, code] = /```ts\n([\s\S]*?)```/.exec(text)!
  const path = join(folder, 'energy.ts')
  const room = pathToFileURL(resolve('src/stage/index.ts')).href
  writeFileSync(path, code!.replace('../../stage/index.ts', room))
  const { energy } = (await import(path)) as { energy: (options?: object) => StageValue }
  const passed = await checkStage(energy)
  assert.ok(passed.length > 8)
})

contributing.run()

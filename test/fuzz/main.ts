// Makes streams and pipelines up, whole and damaged, and holds what becomes of them against itself: in other chunks, over
// shards, in threads, saved and loaded in the midst, posted in pieces. All must end in the same lines or the same error.
//
//   node --import tsx test/fuzz/main.ts [--seconds 60 | --inputs 1000000] [--seed 1] [--from 0] [--analyse 4]
//
// All inputs are read, each fourth (--analyse) is analysed, of these each tenth is posted, and each thousandth runs in threads.
// An input is a function of seed and number: one that fails is run again with --from NUMBER --inputs 1.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundled } from '../support/bundled.ts'

const folder = await bundled('test/fuzz/program.ts', 'src/node/threads/worker.ts')
const { status } = spawnSync(
  process.execPath,
  [join(folder, 'program.js'), ...process.argv.slice(2)],
  { stdio: 'inherit' }
)
rmSync(folder, { recursive: true })
process.exitCode = status ?? 1

import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inChromium, noChromium } from './chromium.ts'
import { inEdgeLight, noEdgeLight } from './edge-light.ts'
import type { Task } from './programs/task.ts'
import { type Programs, recording } from './programs.ts'
import { serveWorker } from './workerd.ts'

/** Somewhere JavaScript runs. */
export interface Runtime {
  readonly name: string
  /** Why it cannot be used here, if it cannot. */
  readonly missing: string | undefined
  /** What starts a program, before its path; where there is a command line. */
  readonly start?: readonly string[]
  /** Whether modules come compiled, so that bundles carry no references. */
  readonly compiled?: true
  /** Does a task in a process of its own. */
  perform(programs: Programs, task: Task): Promise<string>
}

const installed = 'test/runtimes/node_modules'

const command = (name: string, path: string, ...options: string[]): Runtime => ({
  name,
  missing: existsSync(path) ? undefined : 'test/runtimes is not installed',
  start: [path, ...options],
  async perform(programs, task) {
    const args = [...options, programs.command, task, recording]
    const { stdout } = await promisify(execFile)(path, args, { maxBuffer: 2 ** 26 })
    return stdout
  },
})

const workerdPath = join(installed, '.bin/workerd')

const workerd: Runtime = {
  name: 'workerd',
  missing: existsSync(workerdPath) ? undefined : 'test/runtimes is not installed',
  compiled: true,
  async perform({ worker }, task) {
    const served = await serveWorker(workerdPath, worker, {
      main: 'worker.js',
      bindings: ['(name = "recording", data = embed "recording")'],
    })
    try {
      return await (await fetch(`${served.url}/${task}`)).text()
    } finally {
      await served.stop()
    }
  },
}

const edgeLight: Runtime = {
  name: "Vercel's edge runtime, emulated",
  missing: noEdgeLight,
  compiled: true,
  perform: ({ edgeLight, wasm }, task) =>
    inEdgeLight(edgeLight, wasm, task, new Uint8Array(readFileSync(recording))),
}

const chromium: Runtime = {
  name: 'Chromium',
  missing: noChromium,
  perform: ({ page: folder }, task) =>
    inChromium(folder, async (page, url) => {
      await page.goto(url)
      return page.evaluate(
        (task) => (globalThis as unknown as { perform(task: Task): Promise<string> }).perform(task),
        task
      )
    }),
}

/** The Node.js that everything is compared with: the one that runs the tests. */
export const here = command(`Node ${process.versions.node}`, process.execPath)

export const runtimes: readonly Runtime[] = [
  ...[22, 24, 26].map((version) =>
    command(`Node ${version}`, join(installed, `node${version}/bin/node`))
  ),
  command('Deno', join(installed, '.bin/deno'), 'run', '--allow-read', '--no-prompt'),
  command('Bun', join(installed, '.bin/bun')),
  workerd,
  edgeLight,
  chromium,
]

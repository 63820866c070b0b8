import { spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** A worker that is being served on loopback. */
export interface Served {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Serves a folder as a worker, on a free port: its ES modules, its wasm files, and the file `recording` as data.
 *
 * @param main name of the module that has the handler
 */
export async function serveWorker(workerd: string, folder: string, main: string): Promise<Served> {
  const config = join(folder, 'config.capnp')
  writeFileSync(config, configuration(modulesOf(folder, main)))
  const child = spawn(workerd, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    createInterface(child.stdio[3] as Readable).once('line', (line) => resolve(JSON.parse(line)))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`workerd exits with ${code}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      child.kill()
      return ended
    },
  }
}

/** The handler's module has to be the first. */
function modulesOf(folder: string, main: string): string[] {
  const files = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name))
  return [main, ...files.filter((name) => name !== main)]
}

function configuration(modules: readonly string[]): string {
  const entries = modules.map((name) => {
    const kind = name.endsWith('.wasm') ? 'wasm' : 'esModule'
    return `(name = "${name}", ${kind} = embed "${name}")`
  })
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${entries.join(', ')}],
  bindings = [(name = "recording", data = embed "recording")],
  compatibilityDate = "2026-01-01",
);
`
}

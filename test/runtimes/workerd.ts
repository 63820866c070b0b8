import { spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** A worker, in the words of workerd's configuration. */
export interface WorkerConfiguration {
  /** Name of the module that has the handler. */
  readonly main: string
  readonly bindings: readonly string[]
  /** Its Durable Objects, and the folder that they lie in. */
  readonly objects?: { readonly className: string; readonly folder: string }
}

/** A worker that is being served on loopback. */
export interface Served {
  readonly url: string
  readonly pid: number
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Serves a folder's ES modules and wasm files as a worker, on a free port. */
export async function serveWorker(
  workerd: string,
  folder: string,
  worker: WorkerConfiguration
): Promise<Served> {
  const config = join(folder, 'config.capnp')
  writeFileSync(config, configuration(folder, worker))
  // What objects on disk are marked as.
  const experimental = worker.objects ? ['--experimental'] : []
  const child = spawn(workerd, ['serve', config, '--control-fd=3', ...experimental], {
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
    pid: child.pid!,
    stop(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** The handler's module has to be the first. */
function modulesOf(folder: string, main: string): string[] {
  const files = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name))
  return [main, ...files.filter((name) => name !== main)].map((name) => {
    const kind = name.endsWith('.wasm') ? 'wasm' : 'esModule'
    return `(name = "${name}", ${kind} = embed "${name}")`
  })
}

function configuration(folder: string, { main, bindings, objects }: WorkerConfiguration): string {
  const disk = objects && `(name = "disk", disk = (path = "${objects.folder}", writable = true)),`
  const storage =
    objects &&
    `durableObjectNamespaces = [
    (className = "${objects.className}", uniqueKey = "${objects.className}", enableSql = true)
  ],
  durableObjectStorage = (localDisk = "disk"),`
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), ${disk ?? ''}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [${modulesOf(folder, main).join(', ')}],
  bindings = [${bindings.join(', ')}],
  ${storage ?? ''}
  compatibilityDate = "2026-01-01",
);
`
}

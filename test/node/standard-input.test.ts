import { type StdioOptions, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundled } from '../support/bundled.ts'

const input = suite('standard input')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
input.after(() => rmSync(folder, { recursive: true }))

const bytes = Uint8Array.from({ length: 1 << 21 }, (_, i) => (i * i) >>> 9)
const file = join(folder, 'bytes')
writeFileSync(file, bytes)

/** What the reader is to print: both hashes of the same bytes. */
function hashesOf(expected: Uint8Array): string {
  const hash = createHash('sha256').update(expected).digest('hex')
  return `${hash} ${hash}`
}

/** With the thread that reads pipes. */
const reader = join(
  await bundled('test/node/reader.ts', 'src/node/ahead/pipe-thread.ts'),
  'reader.js'
)
input.after(() => rmSync(dirname(reader), { recursive: true }))

function start(stdin: 'pipe' | number | Socket) {
  const stdio: StdioOptions = [stdin, 'pipe', 'inherit']
  const child = spawn(process.execPath, [reader], { stdio })
  return { stdin: child.stdin!, printed: text(child.stdout!) }
}

input('comes whole, and a chunk stays as it is until the next is asked for', async () => {
  const { stdin, printed } = start('pipe')
  stdin.end(bytes)
  assert.is(await printed, hashesOf(bytes))
})

input('comes from a pipe of the shell, byte by byte or empty', async () => {
  const command = `'${process.execPath}' '${reader}'`
  for (const [left, expected] of [
    [`cat '${file}'`, bytes],
    ['printf a; sleep 0.2; printf b', new TextEncoder().encode('ab')],
    [':', new Uint8Array()],
  ] as const) {
    const child = spawn('sh', ['-c', `(${left}) | ${command}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    assert.is(await text(child.stdout), hashesOf(expected), left)
  }
})

input('comes from a file', async () => {
  const descriptor = openSync(file, 'r')
  const { printed } = start(descriptor)
  closeSync(descriptor)
  assert.is(await printed, hashesOf(bytes))
})

input('comes from a socket, and says where that is cut off', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  for (const isCut of [false, true]) {
    const client = connect(port, '127.0.0.1')
    const [accepted] = (await once(server, 'connection')) as [Socket]
    const { printed } = start(accepted)
    accepted.destroy()
    client.write(bytes, () => (isCut ? client.resetAndDestroy() : client.end()))
    if (isCut) assert.match(await printed, /^stdin cannot be read: .*ECONNRESET/)
    else assert.is(await printed, hashesOf(bytes))
    client.destroy()
  }
  server.close()
})

input.run()

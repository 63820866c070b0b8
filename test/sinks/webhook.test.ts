import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { webhook } from '../../src/sinks/webhook/index.ts'
import { checkSink } from '../../src/testing/index.ts'
import { blockOf, blocks, endAt, hostile, opened, summary, sunk, type } from '../support/stored.ts'

const hook = suite('webhook')

interface Receiver {
  readonly url: string
  readonly bodies: string[]
  close(): void
}

/** A receiver that answers with this status, or never. */
async function receiver(status: number | 'never' = 200): Promise<Receiver> {
  const bodies: string[] = []
  const server: Server = createServer(async (request, response) => {
    bodies.push(await text(request))
    if (status !== 'never') response.writeHead(status, { Location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}/secret`, bodies, close }
}

/** What is written to stderr meanwhile. */
async function said(act: () => Promise<void>): Promise<string> {
  const { write } = process.stderr
  let all = ''
  process.stderr.write = ((chunk: string) => {
    all += chunk
    return true
  }) as typeof write
  try {
    await act()
  } finally {
    process.stderr.write = write
  }
  return all
}

hook('posts each alert once, and the end', async () => {
  const { url, bodies, close } = await receiver()
  await sunk(webhook, { url }, [blocks[0]!, blocks[0]!, blockOf(endAt(30))])
  close()
  const at = { run: 'r', scope: 'model', member: 0 }
  assert.equal(
    bodies.map((body) => JSON.parse(body)),
    [
      {
        schema: 'thalweg.webhook/1',
        ...at,
        stage: type,
        step: 10,
        alert: { id: `${type}/seen`, level: 'warn', message: 'here it is' },
      },
      { schema: 'thalweg.webhook/1', ...at, stage: 'run', step: 30, end: 'closed' },
    ]
  )
})

hook('posts nothing below its level', async () => {
  const { url, bodies, close } = await receiver()
  await sunk(webhook, { url, level: 'error' }, [blocks[0]!])
  close()
  assert.equal(bodies, [])
})

hook('speaks as Slack reads it, and mentions nobody for a stranger', async () => {
  const { url, bodies, close } = await receiver()
  const alert = { id: `${type}/seen`, level: 'error', message: '<!channel> & *x*' } as const
  await sunk(webhook, { url, format: 'slack' }, [
    blockOf(summary(5, { run: hostile, alerts: [alert] })),
  ])
  close()
  const { text, ...rest } = JSON.parse(bodies[0]!) as { text: string }
  assert.equal(rest, {})
  assert.match(text, ':red_circle: error every-kind/seen: &lt;!channel&gt; &amp; *\u200bx*\u200b')
  assert.not.match(text, /[<>]|\p{Cc}|\p{Bidi_Control}/u)
})

for (const [what, status] of [
  ['refuses', 500],
  ['sends elsewhere', 302],
  ['never answers', 'never'],
] as const) {
  hook(`goes on beside a receiver that ${what}`, async () => {
    const { url, bodies, close } = await receiver(status)
    const text = await said(async () => {
      const sink = await opened(webhook, { url, timeoutMs: 200 })
      const start = performance.now()
      for (let i = 0; i < 200; i++) {
        await sink.write(
          blockOf(summary(i, { run: `${i}`, alerts: blocks[0]!.summaries[0]!.alerts }))
        )
      }
      assert.ok(performance.now() - start < 150)
      await sink.close()
      assert.ok(performance.now() - start < 2000)
    })
    close()
    assert.ok(bodies.length > 0)
    assert.match(
      text,
      /^thalweg: sink webhook: a message was not delivered: .* The run goes on\.\n/
    )
    assert.match(text, /\d+ of its messages failed, \d+ were left out/)
    assert.not.match(text, 'secret')
    assert.is(text.trimEnd().split('\n').length, 2)
  })
}

hook('goes on where nobody listens', async () => {
  const { url, close } = await receiver()
  close()
  const text = await said(() => sunk(webhook, { url }, [blocks[0]!]))
  assert.match(text, 'a message was not delivered: ECONNREFUSED. The run goes on.')
})

hook('takes its URL of the environment, and says where there is none', async () => {
  const { url, bodies, close } = await receiver()
  process.env.TEST_HOOK = url
  await sunk(webhook, { env: 'TEST_HOOK' }, [blocks[0]!])
  process.env.TEST_HOOK = ''
  const refused = async (options: object) =>
    opened(webhook, options).then(
      () => '',
      (error: Error) => error.message
    )
  assert.match(await refused({ env: 'TEST_HOOK' }), 'no URL to post to: set TEST_HOOK. [E_CONFIG]')
  assert.match(await refused({}), 'give "url", or "env"')
  delete process.env.TEST_HOOK
  close()
  assert.is(bodies.length, 1)
})

hook('passes the conformance of sinks', async () => {
  const { url, close } = await receiver()
  assert.ok((await checkSink(webhook, { options: { url } })).length > 3)
  close()
})

hook.run()

import { createServer } from 'node:http'
import { ThalwegError } from '../../error.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { integer, string } from '../../spec/fields.ts'
import { Latest } from './latest.ts'
import { prometheusText, prometheusType } from './text.ts'

/** Headers of the answers to health checks: whether the process lives, and whether it has something to show. */
const plainText = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }

export const prometheus = defineSink({
  type: 'prometheus',
  summary:
    'The newest figures for Prometheus, at `/metrics`, with `/healthz` and `/readyz`, during the run.',
  options: {
    port: integer({
      description: 'the port to listen on; 0 takes any',
      min: 0,
      max: 65535,
      default: 9464,
    }),
    host: string({
      description: 'the address to listen on; anybody who reaches it can read',
      default: '127.0.0.1',
    }),
  },
  async open({ port, host }, { specs }) {
    const latest = new Latest()
    const answers: Readonly<Record<string, () => readonly [status: number, body: string]>> = {
      '/metrics': () => [200, prometheusText(latest, specs)],
      '/healthz': () => [200, 'ok\n'],
      '/readyz': () =>
        latest.runs.length > 0 ? [200, 'ok\n'] : [503, 'nothing was analysed yet\n'],
    }
    const server = createServer(({ method, url = '' }, response) => {
      const [path = ''] = url.split('?')
      const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
      const isRead = method === 'GET' || method === 'HEAD'
      const [status, body] = !isRead ? [405, ''] : (answer?.() ?? [404, 'see /metrics\n'])
      const version = path === '/metrics' ? { 'Content-Type': prometheusType } : {}
      response.writeHead(status, { ...plainText, ...version }).end(method === 'HEAD' ? '' : body)
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => {
        const message = `sink prometheus: ${host}:${port} cannot be listened on: ${cause.code}. Give another "port".`
        reject(new ThalwegError('E_OUTPUT', message, { cause }))
      })
      server.listen(port, host, resolve)
    })
    return {
      write: (block) => latest.add(block),
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    }
  },
})

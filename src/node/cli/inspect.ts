import { createReadStream } from 'node:fs'
import { ThalwegError } from '../../error.ts'
import { plain, quoted } from '../../plain.ts'
import { boolean } from '../../spec/fields.ts'
import { counted } from '../../stage/words.ts'
import { type Frame, type Payload, weightsOf } from '../../wire/frame.ts'
import { FrameReader, readFrames, type StreamEnd } from '../../wire/reader.ts'
import { chunks } from '../chunks.ts'
import { standardInput } from '../standard-input.ts'
import { streamWriter } from '../writer.ts'
import { defineCommand } from './command.ts'
import { requirePipedStdin } from './stdin.ts'
import { onInterrupt } from './stop.ts'

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'Prints the headers of a stream, frame by frame.',
  positional: { name: '[file]', description: 'a recorded stream; without it, standard input' },
  options: { json: boolean({ description: 'prints one JSON object per line', default: false }) },
  examples: ['thalweg inspect stream.msgpack | head', 'thalweg train iris-chaos | thalweg inspect'],
  async run({ json }, [path]) {
    if (path === undefined) requirePipedStdin('inspect')
    const stop = onInterrupt()
    const input = path === undefined ? standardInput() : createReadStream(path)
    const reader = new FrameReader()
    const { write } = streamWriter(process.stdout, 'stdout')
    try {
      const name = path === undefined ? 'stdin' : `file "${path}"`
      for await (const frame of readFrames(chunks(input, stop.signal, name), reader)) {
        if (frame.offset === 0 && !json) await write(line(...heads))
        await write(json ? jsonLine(header(frame)) : frameLine(frame))
      }
      const end = reader.end()
      if (end !== 'closed') await write(json ? jsonLine({ kind: 'end', end }) : `${endings[end]}\n`)
      return stop.exitCode() ?? 0
    } catch (error) {
      if (!(error instanceof ThalwegError)) throw error
      if (error.code === 'E_PIPE') return 0
      if (json) await write(jsonLine({ kind: 'error', code: error.code, message: error.message }))
      throw error
    } finally {
      stop.release()
      input.destroy()
    }
  },
})

const endings: Record<StreamEnd, string> = {
  closed: 'closed',
  truncated: 'the stream ends without "close"',
  empty: 'the stream is empty',
}

function jsonLine(object: object): string {
  return `${plain(JSON.stringify({ schema: 'thalweg.frame/1', ...object }))}\n`
}

type Cells = [string, string, string, string, string, string]

const heads: Cells = ['offset', 'bytes', 'kind', 'step', 'member', '']

function line(...cells: Cells): string {
  const [offset, bytes, kind, step, member, rest] = cells
  return `${offset.padStart(12)} ${bytes.padStart(10)}  ${kind.padEnd(7)} ${step.padStart(8)} ${member.padStart(6)}  ${rest}`
    .trimEnd()
    .concat('\n')
}

function frameLine(frame: Frame): string {
  const step = 'step' in frame ? String(frame.step) : ''
  const member = 'member' in frame ? String(frame.member) : ''
  return line(String(frame.offset), String(frame.bytes), frame.kind, step, member, details(frame))
}

function details(frame: Frame): string {
  switch (frame.kind) {
    case 'open': {
      const parameters = frame.tensors.reduce((sum, tensor) => sum + weightsOf(tensor), 0)
      return `run ${quoted(frame.run)}, ${counted(frame.tensors.length, 'tensor')}, ${counted(parameters, 'parameter')}, ${counted(frame.members, 'member')}`
    }
    case 'close':
      return `frames ${frame.frames}`
    case 'metrics':
      return figures(frame.metrics)
    default:
      return [
        frame.kind === 'tangent' ? `index ${frame.index}` : '',
        frame.kind === 'delta' && frame.base !== undefined ? `base ${frame.base}` : '',
        frame.kind === 'delta' && frame.stride !== undefined ? `stride ${frame.stride}` : '',
        frame.kind === 'delta' && frame.epoch !== undefined ? figures({ epoch: frame.epoch }) : '',
        `${counted(frame.data.length, 'tensor')}${frame.at > 0 ? ` from ${frame.at}` : ''}`,
        frame.more ? 'more follows' : '',
        frame.kind === 'delta' && frame.metrics ? figures(frame.metrics) : '',
      ]
        .filter((part) => part !== '')
        .join(', ')
  }
}

function figures(metrics: { readonly [name: string]: number }): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${plain(name)} ${Number(value.toPrecision(6))}`)
    .join(', ')
}

/** A frame without its numbers. A payload is described by its form and size. */
function header(frame: Frame): object {
  if (!('data' in frame)) return frame
  const { data, ...rest } = frame
  return { ...rest, ...('reset' in rest ? { reset: true } : {}), data: data.map(payloadHeader) }
}

function payloadHeader(payload: Payload): object | null {
  if (payload === null) return null
  if (payload instanceof Uint8Array) return { form: 'dense', bytes: payload.byteLength }
  if ('o' in payload) return { form: 'range', offset: payload.o, bytes: payload.b.byteLength }
  return { form: 'sparse', values: payload.i.byteLength / 4, bytes: payload.v.byteLength }
}

import { execFileSync } from 'node:child_process'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytes, chunkings, delta, f32, open, random, read, stream } from './streams.ts'

const foreign = suite('what is no stream')

const opening = stream(open())
const next = random(3)
const noise = (): Uint8Array => f32(...Array.from({ length: 300 }, () => next() - 0.5))
const tensors = [{ name: 'w', shape: [300], dtype: 'f32' }]
const good = stream(
  open({ tensors }),
  ...Array.from({ length: 20 }, (_, i) => delta({ step: i + 1, data: [noise()] })),
  { kind: 'close', frames: 20 }
)

/** The words of a refusal, the same whatever the chunks; and its place. */
function refusal(file: Uint8Array): { message: string; code: string; offset?: number } {
  const bad = Uint8Array.from(file)
  const whole = read(bad)
  assert.ok(whole.error, 'nothing was refused')
  for (const { name, size } of chunkings(7)) assert.equal(read(bad, size), whole, name)
  return whole.error
}

/** What a tool that may be absent makes of the stream. */
function made(command: string, args: readonly string[], input: Uint8Array): Uint8Array | undefined {
  try {
    return execFileSync(command, args, { input, stdio: ['pipe', 'pipe', 'ignore'] })
  } catch {
    return undefined
  }
}

const python = (code: string): Uint8Array | undefined => made('python3', ['-c', code], good)
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const header = '{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}'
const safetensors = (length: number): Uint8Array =>
  bytes(length & 255, length >> 8, 0, 0, 0, 0, 0, 0, header.padEnd(length), f32(1, 2, 3))

const files: readonly [name: string, bytes: Uint8Array | undefined, ...words: string[]][] = [
  ['gzip', gzipSync(good), 'gzip', 'zcat FILE | thalweg run'],
  ['xz', made('xz', ['-c'], good) ?? bytes(0xfd, '7zXZ', 0, 0, 4), 'xz data', 'xzcat'],
  ['zstd', made('zstd', ['-c'], good) ?? bytes(0x28, 0xb5, 0x2f, 0xfd, 4), 'zstd', 'zstdcat'],
  ['bzip2', made('bzip2', ['-c'], good) ?? bytes('BZh91AY&SY'), 'bzip2', 'bzcat'],
  ['lz4', bytes(4, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7), 'lz4'],
  [
    'a pickle',
    python('import pickle, sys; sys.stdout.buffer.write(pickle.dumps({"w": [1.5]}))') ??
      bytes(0x80, 4, 0x95),
    'pickle',
  ],
  ['a pickle of protocol 2', bytes(0x80, 2, 0x7d, 0x71, 0), 'pickle'],
  ['an archive, as torch.save makes it', bytes('PK', 3, 4, 20, 0, 0, 0), '.pt'],
  ['an array of NumPy', bytes(0x93, 'NUMPY', 1, 0), 'NumPy'],
  ['HDF5', bytes(0x89, 'HDF\r\n', 0x1a, '\n'), 'HDF5'],
  ['safetensors', safetensors(64), 'safetensors'],
  ['safetensors whose length begins as a map does', safetensors(0x188), 'safetensors'],
  ['safetensors whose length is text', safetensors(0x158), 'safetensors'],
  ['safetensors whose length is a line', safetensors(0x0a58), 'safetensors'],
]
for (const [name, file, ...words] of files) {
  foreign(`is named: ${name}`, () => {
    const { code, offset, message } = refusal(file!)
    assert.equal([code, offset], ['E_FRAME', 0], message)
    for (const word of words) assert.ok(message.includes(word), message)
    if ((file![0]! & 0xf0) === 0x80) return
    const later = refusal(bytes(opening, file!))
    assert.is(later.offset, opening.length)
    for (const word of words) assert.ok(later.message.includes(word), later.message)
  })
}

foreign('is a stream that a shell has made UTF-16 of', () => {
  const latin = String.fromCharCode(...good)
  for (const [name, rewritten] of [
    ['marked', bytes(0xff, 0xfe, Buffer.from(latin, 'utf16le'))],
    ['not marked', Buffer.from(latin, 'utf16le')],
    ['big-endian', Buffer.from(`\ufeff${latin}`, 'utf16le').swap16()],
    ['text', bytes(0xff, 0xfe, Buffer.from('Epoch 1/10\r\n', 'utf16le'))],
  ] as const) {
    const { code, message } = refusal(rewritten)
    assert.is(code, 'E_FRAME', name)
    assert.match(message, /UTF-16.*PowerShell/, name)
  }
})

foreign('is a stream that a shell has recoded', () => {
  const asLatin = ascii(String.fromCharCode(...good))
  const asUtf8 = ascii(new TextDecoder().decode(good))
  const asAscii = good.map((byte) => (byte < 128 ? byte : 0x3f))
  for (const rewritten of [asLatin, asUtf8, asAscii]) {
    const { code, message } = refusal(rewritten)
    assert.is(code, 'E_FRAME')
    assert.match(message, /rewritten as text.*PowerShell/)
  }
})

foreign('is a stream with a carriage return before each line feed', () => {
  const crlf = Uint8Array.from([...good].flatMap((byte) => (byte === 10 ? [13, 10] : [byte])))
  const { message } = refusal(crlf)
  assert.match(message, /CRLF.*binary mode/)
  // Any other damage has nothing to do with it.
  const damaged = good.slice()
  damaged[good.length - 13] = 0xc1
  assert.not.match(refusal(damaged).message, /CRLF/)
})

foreign('keeps what it is, however short', () => {
  assert.equal(read(bytes('hi')).error?.code, 'E_STRAY_TEXT')
  assert.equal(refusal(bytes(0x1f, 0x8b)).code, 'E_FRAME')
  assert.equal(refusal(bytes(0x01)).code, 'E_FRAME')
  assert.equal(read(opening.subarray(0, 9)).end, 'truncated')
  assert.equal(refusal(stream({ kind: 'x' })).code, 'E_FRAME_KIND')
  assert.ok(read(Uint8Array.from(brotliCompressSync(good))).error)
})

foreign.run()

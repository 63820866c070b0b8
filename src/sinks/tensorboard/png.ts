import { deflateSync } from 'node:zlib'
import { crc32 } from '../../engine/state/crc32.ts'
import { joined } from '../../wire/joined.ts'

/**
 * A PNG in 8-bit grey.
 *
 * @param pixels by row, 0 to 255
 */
export function greyPng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header[8] = 8
  const lines = new Uint8Array((width + 1) * height)
  for (let row = 0; row < height; row++) {
    // A line begins with its filter type; 0 is none.
    lines.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1)
  }
  return joined([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(type), data])
  const ends = new Uint8Array(8)
  const view = new DataView(ends.buffer)
  view.setUint32(0, data.length)
  view.setUint32(4, crc32(named))
  return joined([ends.subarray(0, 4), named, ends.subarray(4)])
}

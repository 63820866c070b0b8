/**
 * A record of a TFRecord file: length (u64), its masked checksum, the data, the data's masked checksum; all little-endian. The
 * checksum is CRC-32C, rotated and shifted as in TensorFlow.
 */
export function record(data: Uint8Array): Uint8Array {
  const all = new Uint8Array(data.length + 16)
  const view = new DataView(all.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, masked(all.subarray(0, 8)), true)
  all.set(data, 12)
  view.setUint32(12 + data.length, masked(data), true)
  return all
}

/** Castagnoli's polynomial, reflected. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0x82f63b78 ^ (c >>> 1) : c >>> 1
  return c
})

export function crc32c(bytes: Uint8Array): number {
  let c = ~0
  for (const byte of bytes) c = table[(c ^ byte) & 255]! ^ (c >>> 8)
  return ~c >>> 0
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** CRC-32 (IEEE 802.3), computed eight bytes at a time. It detects a damaged state, but not a forged one. */
let tables: Uint32Array[] | undefined

function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let c = byte
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
    return c
  })
  const all = [first]
  for (let k = 1; k < 8; k++) {
    all.push(all[k - 1]!.map((c) => (c >>> 8) ^ first[c & 255]!))
  }
  return all
}

/** The checksum of bytes that follow those whose checksum is `crc`. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  tables ??= makeTables()
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  let c = ~crc
  let i = 0
  for (; i + 8 <= bytes.length; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    c =
      t7[c & 255]! ^
      t6[(c >>> 8) & 255]! ^
      t5[(c >>> 16) & 255]! ^
      t4[c >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!
  }
  for (; i < bytes.length; i++) c = t0[(c ^ bytes[i]!) & 255]! ^ (c >>> 8)
  return ~c >>> 0
}

export const sealBytes = 4

/** The end of a state: the little-endian checksum of everything before it. */
export class Seal {
  #crc = 0

  /** Adds the next bytes to the checksum, and returns them. */
  over(bytes: Uint8Array): Uint8Array {
    this.#crc = crc32(bytes, this.#crc)
    return bytes
  }

  end(): Uint8Array {
    const bytes = new Uint8Array(sealBytes)
    new DataView(bytes.buffer).setUint32(0, this.#crc, true)
    return bytes
  }
}

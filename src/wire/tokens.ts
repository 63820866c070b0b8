// MessagePack's 256 first bytes: what each begins, and how many bytes follow it. For numbers these are the number itself,
// for `fixext` the body, for the others a big-endian length; with none the length is in the low bits of the first byte.

export type TokenKind =
  | 'int'
  | 'float'
  | 'nil'
  | 'bool'
  | 'str'
  | 'bin'
  | 'array'
  | 'map'
  | 'ext'
  | 'fixext'
  | 'unused'

const table: readonly (readonly [from: number, to: number, kind: TokenKind, bytes: number])[] = [
  [0x00, 0x7f, 'int', 0],
  [0x80, 0x8f, 'map', 0],
  [0x90, 0x9f, 'array', 0],
  [0xa0, 0xbf, 'str', 0],
  [0xc0, 0xc0, 'nil', 0],
  [0xc1, 0xc1, 'unused', 0],
  [0xc2, 0xc3, 'bool', 0],
  [0xc4, 0xc4, 'bin', 1],
  [0xc5, 0xc5, 'bin', 2],
  [0xc6, 0xc6, 'bin', 4],
  [0xc7, 0xc7, 'ext', 1],
  [0xc8, 0xc8, 'ext', 2],
  [0xc9, 0xc9, 'ext', 4],
  [0xca, 0xca, 'float', 4],
  [0xcb, 0xcb, 'float', 8],
  [0xcc, 0xcc, 'int', 1],
  [0xcd, 0xcd, 'int', 2],
  [0xce, 0xce, 'int', 4],
  [0xcf, 0xcf, 'int', 8],
  [0xd0, 0xd0, 'int', 1],
  [0xd1, 0xd1, 'int', 2],
  [0xd2, 0xd2, 'int', 4],
  [0xd3, 0xd3, 'int', 8],
  [0xd4, 0xd4, 'fixext', 1],
  [0xd5, 0xd5, 'fixext', 2],
  [0xd6, 0xd6, 'fixext', 4],
  [0xd7, 0xd7, 'fixext', 8],
  [0xd8, 0xd8, 'fixext', 16],
  [0xd9, 0xd9, 'str', 1],
  [0xda, 0xda, 'str', 2],
  [0xdb, 0xdb, 'str', 4],
  [0xdc, 0xdc, 'array', 2],
  [0xdd, 0xdd, 'array', 4],
  [0xde, 0xde, 'map', 2],
  [0xdf, 0xdf, 'map', 4],
  [0xe0, 0xff, 'int', 0],
]

const rows = table.flatMap((row) => Array.from({ length: row[1] - row[0] + 1 }, () => row))

/** What a first byte begins. */
export const tokenKinds: readonly TokenKind[] = rows.map((row) => row[2])

/** Bytes that follow a first byte: of the number, of a `fixext`'s body, or of a length. */
export const tokenBytes = Uint8Array.from(rows, (row) => row[3])

/** The length in a first byte that no length bytes follow. */
export function shortLength(token: number): number {
  return token & (token < 0xa0 ? 0x0f : 0x1f)
}

/** The two extension types that a stream may hold, as unsigned bytes. */
export const extensions = { timestamp: 0xff, typedArray: 0x74 } as const

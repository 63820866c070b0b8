/** Kinds of MessagePack values. */
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
  | 'unused'

/**
 * The 256 possible first bytes of a value. Each row holds up to the next one: the kind of value, and the size in bytes of its
 * length or body, which doubles from one first byte to the next. With `low`, the size is in the low bits of the first byte.
 */
const table: readonly (readonly [
  first: number,
  kind: TokenKind,
  part?: 'length' | 'body' | 'low',
  bytes?: number,
])[] = [
  [0x00, 'int'],
  [0x80, 'map', 'low'],
  [0x90, 'array', 'low'],
  [0xa0, 'str', 'low'],
  [0xc0, 'nil'],
  [0xc1, 'unused'],
  [0xc2, 'bool'],
  [0xc4, 'bin', 'length', 1],
  [0xc7, 'ext', 'length', 1],
  [0xca, 'float', 'body', 4],
  [0xcc, 'int', 'body', 1],
  [0xd0, 'int', 'body', 1],
  [0xd4, 'ext', 'body', 1],
  [0xd9, 'str', 'length', 1],
  [0xdc, 'array', 'length', 2],
  [0xde, 'map', 'length', 2],
  [0xe0, 'int'],
]

const rows = Array.from({ length: 256 }, (_, token) => {
  const [first, kind, part, bytes = 0] = table.findLast(([first]) => first <= token)!
  return { kind, part, bytes: part === 'low' ? token - first : bytes * 2 ** (token - first) }
})

/** The kind of value that each first byte begins. */
export const tokenKinds: readonly TokenKind[] = rows.map(({ kind }) => kind)

const lengthBytes = Uint8Array.from(rows, ({ part, bytes }) => (part === 'length' ? bytes : 0))
const sizes = Uint8Array.from(rows, ({ part, bytes }) => (part === 'length' ? 0 : bytes))

/** Size of a value's head in bytes: the first byte, the length, and the type of an extension. */
export const headBytes = Uint8Array.from(
  rows,
  ({ kind }, token) => 1 + lengthBytes[token]! + (kind === 'ext' ? 1 : 0)
)

/** Size of the value whose token is at this index: items of a container, or bytes of a body. */
export function sizeAt(view: DataView, at: number, token: number): number {
  switch (lengthBytes[token]) {
    case 0:
      return sizes[token]!
    case 1:
      return view.getUint8(at + 1)
    case 2:
      return view.getUint16(at + 1)
    default:
      return view.getUint32(at + 1)
  }
}

/** Type of the extension whose token is at this index. */
export function extensionAt(view: DataView, at: number, token: number): number {
  return view.getInt8(at + headBytes[token]! - 1)
}

/** The two extension types that a stream may hold. */
export const extensions = { timestamp: -1, typedArray: 0x74 } as const

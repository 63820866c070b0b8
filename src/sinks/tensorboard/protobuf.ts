import { joined } from '../../wire/joined.ts'

/** Writes Protocol Buffers, as far as event files need them. Each function returns the bytes of one field. */
export type Part = Uint8Array

const encoder = new TextEncoder()

/** A non-negative integer: `int32`, `int64`, `enum`. */
export function integer(field: number, value: number): Part {
  return joined([varint(field * 8), varint(value)])
}

export function double(field: number, value: number): Part {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value, true)
  return joined([varint(field * 8 + 1), bytes])
}

export function float(field: number, value: number): Part {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setFloat32(0, value, true)
  return joined([varint(field * 8 + 5), bytes])
}

export function bytes(field: number, value: Uint8Array): Part {
  return joined([varint(field * 8 + 2), varint(value.length), value])
}

export function string(field: number, value: string): Part {
  return bytes(field, encoder.encode(value))
}

export function message(field: number, ...parts: readonly Part[]): Part {
  return bytes(field, joined(parts))
}

/** `repeated double`, packed. */
export function doubles(field: number, values: readonly number[]): Part {
  return bytes(field, new Uint8Array(Float64Array.from(values).buffer))
}

function varint(value: number): Uint8Array {
  const out: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  return Uint8Array.from([...out, rest])
}

import type { Arena } from '../kernels/arena.ts'

/** The contents of a header region, all f64: numbers by name, then arrays by name, each with its length. */
export interface HeaderShape<Word extends string, List extends string> {
  readonly words: readonly Word[]
  readonly lists: { readonly [name in List]: number }
}

/** A header region as an object. Its properties are read and written in place. */
export type Header<Shape> =
  Shape extends HeaderShape<infer Word, infer List>
    ? { [name in Word]: number } & { readonly [name in List]: Float64Array }
    : never

export function headerBytes({ words, lists }: HeaderShape<string, string>): number {
  return 8 * Object.values(lists).reduce((sum, length) => sum + length, words.length)
}

export function openHeader<Shape extends HeaderShape<string, string>>(
  arena: Arena,
  address: number,
  { words, lists }: Shape
): Header<Shape> {
  const header = {} as { [name: string]: unknown }
  const values = arena.f64(address, words.length)
  words.forEach((name, i) => {
    const set = (value: number): void => {
      values[i] = value
    }
    Object.defineProperty(header, name, { get: () => values[i], set })
  })
  let next = address + values.byteLength
  for (const [name, length] of Object.entries(lists)) {
    header[name] = arena.f64(next, length)
    next += 8 * length
  }
  return header as Header<Shape>
}

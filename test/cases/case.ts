/**
 * A conformance case: plain code on the package's exports, the same in every runtime. Its outcome is text, which has to
 * be the same bytes wherever it runs; it throws where the product breaks a promise that one runtime alone can check.
 */
export interface Case {
  readonly name: string
  lines(recording: Uint8Array): Iterable<string> | AsyncIterable<string>
}

/** @throws with both, shortened, when two outcomes that should be the same are not */
export function same(what: string, got: readonly string[], expected: readonly string[]): void {
  const at = expected.findIndex((line, i) => line !== got[i])
  if (at < 0 && got.length === expected.length) return
  const [a, b] = [got, expected].map((lines) => String(lines.at(at)).slice(0, 200))
  throw new Error(`${what}: line ${at + 1} of ${expected.length} is ${a}, expected ${b}`)
}

/** FNV-1a of bytes, in hexadecimal. */
export function digest(bytes: Uint8Array, seed = 0x811c9dc5): string {
  let hash = seed
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

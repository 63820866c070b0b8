/** Decodes the escapes in a part of an address. If they are not valid, the part is returned unchanged. */
export function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/**
 * A value as text, told apart from any other: unlike deep equality it takes keys such as `constructor` and `__proto__`, NaN
 * and -0 for what they are.
 */
export function fingerprint(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(fingerprint).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const entries = Object.entries(value)
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${fingerprint(item)}`).join()}}`
}

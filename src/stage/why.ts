/** The reasons that apply, in a sentence for `why`; undefined where none does. */
export function whyOf(...reasons: readonly (string | false | undefined)[]): string | undefined {
  return reasons.filter(Boolean).join('; ') || undefined
}

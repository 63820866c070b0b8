/** The reasons that apply, as a sentence for `why`; undefined if none applies. */
export function whyOf(...reasons: readonly (string | false | undefined)[]): string | undefined {
  return reasons.filter(Boolean).join('; ') || undefined
}

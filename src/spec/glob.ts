/**
 * Converts a glob over tensor names, in which both `.` and `/` are separators. `*` and `?` stay within a segment, and `**` crosses
 * segments. `{a,b}` and `[0-9]` work as usual. `**.bias` also matches `bias`. For paths, only `/` is a separator.
 *
 * @throws SyntaxError for an invalid glob
 */
export function globToRegExp(glob: string, separators: './' | '/' = './'): RegExp {
  const separates = (c: string | undefined): boolean => c !== undefined && separators.includes(c)
  let source = ''
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i]!
    if (c === '*' && glob[i + 1] === '*') {
      i++
      const separated = separates(glob[i + 1])
      source += separated ? `(?:.*[${separators}])?` : '.*'
      if (separated) i++
    } else if (c === '*') source += `[^${separators}]*`
    else if (c === '?') source += `[^${separators}]`
    else if (separates(c)) source += `[${separators}]`
    else if (c === '{') source += '(?:'
    else if (c === '}') source += ')'
    else if (c === ',') source += braced(glob, i) ? '|' : ','
    else if (c === '[' || c === ']' || c === '-') source += c
    else source += c.replace(/[\\^$+().|]/g, '\\$&')
  }
  // The flag `s` is there because a name may contain line feeds.
  return new RegExp(`^(?:${source})$`, 's')
}

/** False if a bracket or brace has no counterpart, or if a range runs backwards. */
export function isGlob(text: string): boolean {
  try {
    globToRegExp(text)
    return true
  } catch {
    return false
  }
}

/** Whether position i of a glob lies between braces. */
function braced(glob: string, i: number): boolean {
  return glob.lastIndexOf('{', i) > glob.lastIndexOf('}', i) && glob.indexOf('}', i) > i
}

/** True if the pattern names one thing: it has no wildcard. */
export function isLiteral(glob: string): boolean {
  return !/[*?[{]/.test(glob)
}

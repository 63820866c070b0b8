/**
 * A glob over tensor names, in which `.` and `/` both separate: `*` and `?` stay within a segment, `**` crosses
 * segments, `{a,b}` and `[0-9]` as usual. `**.bias` matches `bias` too. Of paths `/` alone separates.
 *
 * @throws SyntaxError for what is no glob
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
  // A name may have line feeds.
  return new RegExp(`^(?:${source})$`, 's')
}

/** False for brackets or braces without their other half, and for ranges that run backwards. */
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

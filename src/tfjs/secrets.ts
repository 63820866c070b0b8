import { unescaped } from './escapes.ts'

/** In characters. A shorter word, such as a version in a query, is not a secret, and occurs in other words too. */
const shortest = 4
const longestMessage = 300

/** What may stand between letters and digits: other characters, also in the escaped forms of URLs, HTML and JSON. */
const escaped = '(?:%(?:25)*[0-9a-f]{2}|&#?\\w{1,8};|\\\\+u[0-9a-f]{4}|[^a-z0-9]){1,60}?'

/** The secrets in a query and in headers. */
export function secretsOf({ search }: URL, headers: Headers): string[] {
  const pairs = search.slice(1).split(/[&;]/)
  const queried = pairs.map((pair) => pair.slice(pair.indexOf('=') + 1) || pair)
  return [...queried, ...[...headers.values()].flatMap((value) => value.split(' '))]
}

/**
 * Makes a function that returns the part of a server's text that may be shown: one line of at most 300 characters, without
 * control characters and without these secrets in any form in which the server may send them back.
 */
export function cleaner(secrets: readonly string[]): (text: string) => string {
  const words = secrets.filter((word) => word.length >= shortest)
  const patterns = [
    ...new Set(
      words.flatMap((word) => [word, unescaped(word.replaceAll('+', ' '))]).map(patternOf)
    ),
  ]
  const longestFirst = patterns.sort((a, b) => b.length - a.length)
  const secret = new RegExp(longestFirst.join('|') || '(?!)', 'gi')
  return (text) =>
    text
      .replace(secret, '***')
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim()
      .slice(0, longestMessage)
}

function patternOf(word: string): string {
  const runs = word.match(/[a-z0-9]+/gi)
  return runs?.join(escaped) ?? word.replace(/[^\w\s]/g, '\\$&')
}

import type { Picture } from './model/picture.ts'
import { page } from './page.gen.ts'

/** What a page may do: run its own script, use its own style, and, if it is live, connect to its own server. */
function policy(isLive: boolean): string {
  return [
    "default-src 'none'",
    `script-src '${page.scriptHash}'`,
    `style-src '${page.styleHash}'`,
    ...(isLive ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/**
 * Makes a page that shows a picture, in one file.
 *
 * @param live address of the events, if the page is to be updated
 */
export function htmlOf(picture: Picture, live?: string): string {
  const title = picture.runs.length === 1 ? picture.runs[0]!.run : 'Thalweg'
  return `<!doctype html>
<html lang="en"${live === undefined ? '' : ` data-live="${escaped(live)}"`}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(live !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${page.style}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<div id="page"><noscript>This page draws its figures by a script that it carries itself. Allow it, or read the summaries.</noscript></div>
<footer class="quiet">Made by Thalweg from the figures that its stages declare. Everything is in this file; it loads nothing.</footer>
<script type="application/json" id="picture">${jsonText(picture)}</script>
<script>${page.script}</script>
</body>
</html>
`
}

/** JSON in which no name can end the script, because `<` is escaped. Numbers of lines keep five digits. */
function jsonText(picture: Picture): string {
  const text = JSON.stringify(picture, (key, value: unknown) =>
    (key === 'low' || key === 'high') && Array.isArray(value) ? value.map(rounded) : value
  )
  return text.replaceAll('<', '\\u003c')
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

import { readFileSync, writeFileSync } from 'node:fs'

const [begins, ends] = ['<!-- made by run.ts -->', '<!-- end -->']

/** Puts what a script found into the page beside it, between two marks, and its picture into `picture.svg`. */
export function publish(folder: URL, found: string, picture: string): void {
  const page = new URL('README.md', folder)
  const text = readFileSync(page, 'utf8')
  const [from, to] = [text.indexOf(begins), text.indexOf(ends)]
  if (from < 0 || to < from) throw new Error(`${page.pathname}: no marks ${begins} and ${ends}.`)
  const head = text.slice(0, from + begins.length)
  writeFileSync(page, `${head}\n\n${found.trim()}\n\n${text.slice(to)}`)
  writeFileSync(new URL('picture.svg', folder), picture)
  process.stdout.write(`${found.trim()}\n`)
}

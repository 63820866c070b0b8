// Bundles the browser code (src/sinks/report/page) into text that the report contains: src/sinks/report/page.gen.ts.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

export async function writePage() {
  const folder = 'src/sinks/report/page'
  const { outputFiles } = await build({
    entryPoints: [`${folder}/main.ts`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    // Keeps the licences of bundled libraries.
    legalComments: 'inline',
    charset: 'utf8',
    write: false,
  })
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script')
  const css = readFileSync('node_modules/uplot/dist/uPlot.min.css', 'utf8')
  const own = readFileSync(`${folder}/page.css`, 'utf8').replace(/\n\s*/g, '\n')
  const style = `${css}\n${own}`
  const text = `/** The report's script and style, and the hashes that its content security policy names. */
export const page = ${JSON.stringify({ script, style, scriptHash: hashOf(script), styleHash: hashOf(style) })}
`
  writeFileSync('src/sinks/report/page.gen.ts', text)
}

function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

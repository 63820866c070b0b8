// Writes the JSON Schema of pipelines and the reference tables, once src is built.
import { mkdirSync, writeFileSync } from 'node:fs'
import { referenceText, schemaText } from '../dist/node/reference.js'

mkdirSync('schema', { recursive: true })
mkdirSync('docs', { recursive: true })
writeFileSync('schema/pipeline.json', schemaText())
writeFileSync('docs/reference.md', referenceText())

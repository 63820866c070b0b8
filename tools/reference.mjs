// Writes the JSON Schemas of pipelines and summaries, and the reference tables. Needs a build of src.
import { mkdirSync, writeFileSync } from 'node:fs'
import { referenceText, schemaText, summarySchemaText } from '../dist/node/reference.js'

mkdirSync('schema', { recursive: true })
mkdirSync('docs', { recursive: true })
writeFileSync('schema/pipeline.json', schemaText())
writeFileSync('schema/summary.json', summarySchemaText())
writeFileSync('docs/reference.md', referenceText())

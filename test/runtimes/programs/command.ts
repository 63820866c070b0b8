// For runtimes with a command line: command.js <task> <recording>
import { readFileSync } from 'node:fs'
import { perform, type Task } from './task.ts'

const [task, path] = process.argv.slice(2)
process.stdout.write(await perform(task as Task, new Uint8Array(readFileSync(path!))))

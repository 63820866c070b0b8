// Attacks a handler behind a real server with 32 clients at once and measures what an honest one notices: the time of its
// pieces beside that of the same pieces in quiet, and the server's memory beside what it may take.
//
//   node --import tsx test/evidence/attack.ts [seconds]
import { measure } from './attack/measure.ts'

const { quiet, pressed, memory, limit } = await measure(Number(process.argv[2] ?? 20))
const ms = (value: number): string => `${value.toFixed(0)} ms`
const MiB = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
console.log(
  `an honest client's piece of 1 MiB: ${ms(quiet.median)} in quiet (${quiet.pieces} pieces), ` +
    `${ms(pressed.median)} under attack (${pressed.pieces}), ${(pressed.median / quiet.median).toFixed(2)} times as long; ` +
    `the slowest ${ms(quiet.slowest)} and ${ms(pressed.slowest)}`
)
console.log(`memory of the server: at most ${MiB(memory)}, of ${MiB(limit)} that it may take`)
if (pressed.median > 2 * quiet.median || memory > limit) process.exitCode = 1

import { timingSafeEqual } from 'node:crypto'
import { cmd, ftle, handler, health, svd } from 'thalweg/edge'
import { fileStore } from 'thalweg/node'

const pipeline = {
  block: 16,
  stages: [{ type: 'svd', rank: 8 }, { type: 'cmd' }, { type: 'ftle' }],
}

const token = process.env.THALWEG_TOKEN
if (!token) throw new Error('THALWEG_TOKEN is not set: what clients are to show as a bearer.')
const expected = new TextEncoder().encode(`Bearer ${token}`)

/** Compares in constant time, wherever the texts differ. */
function authorize({ headers }: Request): boolean {
  const given = new TextEncoder().encode(headers.get('Authorization') ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

export default {
  idleTimeout: 255, // seconds; event streams are silent while nothing is posted
  fetch: handler(pipeline, {
    stages: [health, svd, cmd, ftle],
    store: fileStore('runs'),
    authorize,
  }),
}

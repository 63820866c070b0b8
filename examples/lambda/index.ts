import { timingSafeEqual } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { bucketStore, cmd, ftle, health, s3Bucket, svd, handler as thalweg } from 'thalweg/edge'
import { type Answer, answerOf, type FunctionUrlEvent, requestOf } from './function-url.ts'

const MiB = 2 ** 20

const pipeline = {
  block: 16,
  stages: [{ type: 'svd', rank: 8 }, { type: 'cmd' }, { type: 'ftle' }],
}

const expected = new TextEncoder().encode(`Bearer ${variable('THALWEG_TOKEN')}`)

/** Requests are signed with the function's role. It needs s3:GetObject, PutObject, DeleteObject and ListBucket. */
const aws = new AwsClient({
  accessKeyId: variable('AWS_ACCESS_KEY_ID'),
  secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
  sessionToken: process.env.AWS_SESSION_TOKEN,
  region: variable('AWS_REGION'),
  service: 's3',
})

const answer = thalweg(pipeline, {
  stages: [health, svd, cmd, ftle],
  store: bucketStore(
    s3Bucket({ url: variable('THALWEG_BUCKET'), fetch: (url, init) => aws.fetch(url, init) })
  ),
  authorize,
  // Lambda accepts and returns at most 6 MB, and request bodies are base64-encoded.
  limits: { pieceBytes: 4 * MiB, answerBytes: 4 * MiB, listeners: 0 },
})

export async function handler(event: FunctionUrlEvent): Promise<Answer> {
  return answerOf(await answer(requestOf(event)))
}

/** Compares in constant time, wherever the texts differ. */
function authorize({ headers }: Request): boolean {
  const given = new TextEncoder().encode(headers.get('Authorization') ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function variable(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set.`)
  return value
}

/** The event that a function URL, or an HTTP API with payload format 2.0, passes to a function. */
export interface FunctionUrlEvent {
  readonly rawPath: string
  readonly headers: Readonly<Record<string, string>>
  readonly requestContext: {
    readonly domainName: string
    readonly http: { readonly method: string }
  }
  readonly body?: string
  readonly isBase64Encoded: boolean
}

export interface Answer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: string
}

export function requestOf(event: FunctionUrlEvent): Request {
  const { rawPath, headers, requestContext, body, isBase64Encoded } = event
  return new Request(`https://${requestContext.domainName}${rawPath}`, {
    method: requestContext.http.method,
    headers,
    body: body && Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  })
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response
  return {
    statusCode: status,
    headers: Object.fromEntries(headers),
    body: await response.text(),
  }
}

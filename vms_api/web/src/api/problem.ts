/** What the server answers when it cannot do what was asked (RFC 9457, `application/problem+json`). */
export interface Problem {
  status: number
  code: string
  detail: string
  errors: FieldProblem[]
  /** Seconds to wait before the next try, from the `Retry-After` header. */
  retryAfterS: number | null
  /** Names of people who can help, where a right is missing (`not-allowed`). */
  whoCanGrant: string[]
  /** What a device answered, where it was the device that did not do it (`device-unavailable`). */
  deviceCode: string
}

export interface FieldProblem {
  field: string
  code: string
  message: string
}

/** A refused or failed request. `code` is stable and is what the page translates. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: FieldProblem[]
  readonly retryAfterS: number | null
  readonly whoCanGrant: string[]
  readonly deviceCode: string

  constructor(problem: Problem) {
    super(`${problem.status} ${problem.code}`)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail
    this.errors = problem.errors
    this.retryAfterS = problem.retryAfterS
    this.whoCanGrant = problem.whoCanGrant
    this.deviceCode = problem.deviceCode
  }
}

/** The error of a request that got no answer at all. */
export function unreachable(): ApiError {
  return new ApiError({ status: 0, code: 'unreachable', detail: '', errors: [], retryAfterS: null, whoCanGrant: [], deviceCode: '' })
}

/** Reads an answer of 400 or more. An answer that is no problem document (a proxy's page) still gets a code. */
export async function readProblem(response: Response): Promise<ApiError> {
  const body = await jsonOrNull(response)
  return new ApiError({
    status: response.status,
    code: text(body?.code) || `http-${response.status}`,
    detail: text(body?.detail),
    errors: Array.isArray(body?.errors) ? body.errors.map(fieldProblem) : [],
    retryAfterS: retryAfter(response.headers.get('Retry-After')),
    whoCanGrant: Array.isArray(body?.who_can_grant) ? body.who_can_grant.map(text).filter(Boolean) : [],
    deviceCode: text(body?.device_code),
  })
}

/** `Retry-After` in seconds (RFC 9110, 10.2.3). The date form is not sent by our server and counts as absent. */
export function retryAfter(header: string | null): number | null {
  const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null
}

async function jsonOrNull(response: Response): Promise<Record<string, unknown> | null> {
  try {
    const body: unknown = await response.json()
    return isRecord(body) ? body : null
  } catch {
    return null // Not JSON: the status alone has to do.
  }
}

function fieldProblem(entry: unknown): FieldProblem {
  const record = isRecord(entry) ? entry : {}
  return { field: text(record.field), code: text(record.code), message: text(record.message) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

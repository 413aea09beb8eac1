import { readProblem, unreachable, type ApiError } from '@/api/problem'

/** Every path of the API begins with this. */
export const API_ROOT = '/api/v1'

export interface Page<T> {
  items: T[]
  next_cursor: string | null
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Query = Record<string, string | number | boolean | undefined>

let sessionEnded: () => void = () => undefined
let dutyFound: () => void = () => undefined

/** The person must act first: nothing else is answered before. */
const DUTIES = new Set(['password-change-required', 'totp-setup-required'])

/** Says what to do when the server no longer knows the session. */
export function onSessionEnd(act: () => void): void {
  sessionEnded = act
}

/** Says what to do when the server answers nothing else before the person has a new password or a second factor. */
export function onDuty(act: () => void): void {
  dutyFound = act
}

/** Sends JSON and reads JSON; throws `ApiError`. A 204 reads as undefined. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body)
  if (!response.ok) throw await refused(response)
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** Sends a file as it is and reads JSON; throws `ApiError`. */
export async function upload<T>(path: string, file: Blob): Promise<T> {
  const response = await reached(fetch(API_ROOT + path, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/octet-stream' }, body: file }))
  if (!response.ok) throw await refused(response)
  return (await response.json()) as T
}

/** Reads a list to its end, page by page. */
export async function listAll<T>(path: string): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page<T> = await call<Page<T>>('GET', withQuery(path, { cursor: cursor ?? undefined, limit: 200 }))
    items.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null)
  return items
}

export function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  if (pairs.length === 0) return path
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(pairs)}`
}

function send(method: Method, path: string, body: unknown): Promise<Response> {
  const writes = method !== 'GET'
  return reached(
    fetch(API_ROOT + path, {
      method,
      credentials: 'same-origin',
      headers: writes ? { 'Content-Type': 'application/json' } : {},
      body: writes && body !== undefined ? JSON.stringify(body) : undefined,
    }),
  )
}

async function reached(request: Promise<Response>): Promise<Response> {
  try {
    return await request
  } catch {
    throw unreachable() // fetch rejects only when no answer came: network down, server gone.
  }
}

async function refused(response: Response): Promise<ApiError> {
  const error = await readProblem(response)
  if (error.code === 'not-logged-in') sessionEnded()
  if (DUTIES.has(error.code)) dutyFound()
  return error
}

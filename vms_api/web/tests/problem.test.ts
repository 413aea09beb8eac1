import { describe, expect, it } from 'vitest'
import { ApiError, readProblem, retryAfter, unreachable } from '@/api/problem'

describe('an error of the API', () => {
  it('carries the stable code, the fields and the wait', async () => {
    const body = { status: 422, code: 'invalid-request', detail: 'd', errors: [{ field: 'address', code: 'address-refused', message: 'm' }] }
    const error = await readProblem(new Response(JSON.stringify(body), { status: 422, headers: { 'Retry-After': '7' } }))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ ...body, retryAfterS: 7 })
  })

  it('names the people who can grant a missing right', async () => {
    const body = { code: 'not-allowed', who_can_grant: ['Li', 7, 'Wang'] }
    expect((await readProblem(new Response(JSON.stringify(body), { status: 403 }))).whoCanGrant).toEqual(['Li', 'Wang'])
  })

  it('still has a code when a proxy answers with a page', async () => {
    expect(await readProblem(new Response('<html>', { status: 502 }))).toMatchObject({ code: 'http-502', errors: [] })
  })

  it('survives fields of the wrong type', async () => {
    const error = await readProblem(new Response('{"code": 5, "errors": [null, {"field": 1}]}', { status: 400 }))
    expect(error.code).toBe('http-400')
    expect(error.errors).toEqual([{ field: '', code: '', message: '' }, { field: '', code: '', message: '' }])
  })

  it('has a code for no answer at all', () => {
    expect(unreachable()).toMatchObject({ status: 0, code: 'unreachable' })
  })

  it('reads only seconds from Retry-After', () => {
    expect(['5', '0', '', 'Fri, 31 Dec 1999 23:59:59 GMT', '-1', null].map(retryAfter)).toEqual([5, 0, null, null, null, null])
  })
})

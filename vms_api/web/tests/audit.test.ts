import type { AuditKind } from '@/api/audit'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { detailWords as Words } from '@/audit/words'
import { EMPTY_FORM, filterOf } from '@/audit/filter'

let detailWords: typeof Words

// The texts ask the browser for its language when they are loaded; here is none.
beforeAll(async () => {
  vi.stubGlobal('localStorage', { getItem: () => 'en', setItem: () => undefined })
  ;({ detailWords } = await import('@/audit/words'))
})

const words = (detail: Record<string, unknown>, names: Record<string, string> = {}, kind: AuditKind = 'camera.change') =>
  detailWords({ kind, detail }, (id) => names[id]).map(({ label, text }) => `${label}: ${text}`)

describe('an audit row in words', () => {
  it('says what a change changed, from and to', () => {
    expect(words({ name: ['Gate', 'East gate'], analysed: [false, true] })).toEqual(['name: Gate → East gate', 'analysis: no → yes'])
  })

  it('knows the code and the kind of an area from those of a refusal and of a rule', () => {
    const changes = { code: [null, '33'], kind: ['other', 'city'] }
    expect(words({ name: 'A', changes }, {}, 'area.change')).toEqual(['name: A', 'division code: — → 33', 'kind: Other → City'])
    expect(words({ kind: 'line_crossing', labels: ['person', 'car'] }, {}, 'rule.add')).toEqual(['kind: Line crossing', 'objects: Person / Car'])
    expect(words({ labels: [['person'], ['car', 'dog']] }, {}, 'rule.change')).toEqual(['objects: Person → Car / Dog'])
  })

  it('translates roles, streams, refusals and spans of time', () => {
    expect(words({ role: 'auditor', stream: 'sub', duration_s: 290.4 })).toEqual(['role: Auditor', 'stream: Sub-stream', 'duration: 4 min 50 s'])
    expect(words({ code: 'last-admin' })[0]).toContain('Somebody must remain administrator')
  })

  it('keeps a list of two scopes a list', () => {
    expect(words({ scopes: ['live.view', 'camera.view'] })).toEqual(['may: watch live / see camera details'])
  })

  it('names what the reader knows and shortens ids that mean nothing', () => {
    expect(words({ user_id: '0199-aaaa-00000042', group_id: null })).toEqual(['person: 00000042'])
    expect(words({ parent_id: 'town' }, { town: 'Willow' })).toEqual(['area above: Willow'])
  })

  it('tells the first role of a new person with its area', () => {
    expect(words({ first_grant: ['viewer', 'east'] }, { east: 'East village' })).toEqual(['first role: Viewer · East village'])
  })

  it('shows what it does not know as it is', () => {
    expect(words({ novel: { deep: 1 } })).toEqual(['novel: {"deep":1}'])
  })
})

describe('the audit filter', () => {
  it('asks for nothing that is empty', () => {
    expect(Object.values(filterOf(EMPTY_FORM)).filter((value) => value !== undefined)).toEqual([])
  })

  it('turns times of the reader’s clock into moments', () => {
    const { since } = filterOf({ ...EMPTY_FORM, since: '2026-11-21T08:00' })
    expect(since).toBe(new Date(2026, 10, 21, 8).toISOString())
  })
})

import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { QualityCheck } from '@/api/quality'
import { byArea } from '@/diagnosis/groups'

const check = (camera_id: string, area_id: string, abnormal_since: string | null): QualityCheck => ({
  ...{ camera_id, camera_name: camera_id, area_id, state: abnormal_since === null ? 'ok' : 'abnormal', reason: '', checked_at: null },
  ...{ method_version: '1', findings: [], faults: [], abnormal_since, picture_id: null },
})

describe('the list of what is abnormal', () => {
  it('stands by area, the longest first', () => {
    const listed = [check('c', 'lake', '2026-01-03T00:00:00Z'), check('a', 'hill', '2026-01-02T00:00:00Z'), check('b', 'lake', '2026-01-01T00:00:00Z'), check('d', 'lake', null)]
    const groups = byArea(listed, ['lake', 'hill'])
    expect(groups.map(({ areaId, checks }) => [areaId, checks.map(({ camera_id }) => camera_id)])).toEqual([
      ['lake', ['b', 'c', 'd']],
      ['hill', ['a']],
    ])
  })

  it('keeps areas that it does not know, at the end', () => {
    expect(byArea([check('a', 'new', null), check('b', 'hill', null)], ['hill']).map(({ areaId }) => areaId)).toEqual(['hill', 'new'])
  })
})

describe('why something was judged so', () => {
  let qualityReason: (code: string) => string

  beforeAll(async () => {
    vi.stubGlobal('localStorage', { getItem: () => 'en', setItem: () => undefined })
    qualityReason = (await import('@/diagnosis/words')).qualityReason
  })

  it('is said in words, also of what hides something else', () => {
    expect(qualityReason('blurred')).toBe('much less detail than usual')
    expect(qualityReason('hidden-by-dark')).toBe('cannot be judged meanwhile: Too dark')
    expect([qualityReason(''), qualityReason('as-usual')]).toEqual(['', ''])
    expect(qualityReason('of-a-newer-node')).toBe('of-a-newer-node')
  })
})

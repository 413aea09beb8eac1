import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Me } from '@/api/account'
import type { Camera } from '@/api/camera'
import { PERMISSIONS } from '@/api/permission'
import { agentText } from '@/me/agent'
import { outlines, withMask, withoutMask } from '@/masks/polygons'
import { sameRights } from '@/people/sameRights'

let pages: typeof import('@/pages')

// The pages know the person, and with that the texts, which ask the browser for its language.
beforeAll(async () => {
  vi.stubGlobal('localStorage', { getItem: () => 'en', setItem: () => undefined })
  pages = await import('@/pages')
})

const who = (permissions: Me['permissions'], more: Partial<Me> = {}): Me => ({
  ...{ id: 'u', username: 'u', language: null, permissions, must_change_password: false, has_totp: false, must_set_up_totp: false, time_zone: 'Asia/Shanghai' },
  ...more,
})

describe('the places of the page', () => {
  it('are all there for who may do everything', () => {
    expect(pages.pagesFor(who([...PERMISSIONS]))).toHaveLength(pages.PAGES.length)
  })

  it('do not show an auditor pictures, nor a viewer the audit log', () => {
    expect(pages.pagesFor(who(['area.view', 'camera.view', 'audit.view'])).map(({ name }) => name)).toEqual(['overview', 'cameras', 'diagnosis', 'areas', 'audit'])
    expect(pages.pagesFor(who(['live.view', 'alert.view'])).map(({ name }) => name)).toEqual(['wall', 'alerts', 'duty', 'reports'])
  })

  it('begin with what the person must do first, then with the first place that the rights open', () => {
    expect(pages.homeOf(who([...PERMISSIONS], { must_change_password: true }))).toBe('/first-steps')
    expect(pages.homeOf(who(['audit.view']))).toBe('/audit')
    expect(pages.homeOf(who([]))).toBe('/me')
  })
})

describe('the end of a session', () => {
  it('forgets what the person could see, before the next one logs in', async () => {
    const [{ leave }, { cameras, putCamera }] = await Promise.all([import('@/state/me'), import('@/state/cameras')])
    putCamera({ id: 'c', name: 'Gate' } as Camera)
    expect(cameras.value).toHaveLength(1)
    leave()
    expect(cameras.value).toEqual([])
  })
})

describe('what a person can see', () => {
  it('puts areas with the same rights together', () => {
    const at = (area_id: string, permissions: Me['permissions'], camera_count: number) => ({ area_id, area_name: area_id, permissions, camera_count })
    const rows = sameRights([at('a', ['live.view', 'area.view'], 1), at('b', ['audit.view'], 2), at('c', ['area.view', 'live.view'], 4)])
    expect(rows.map(({ areas, cameraCount }) => [areas.map(({ area_id }) => area_id).join(), cameraCount])).toEqual([
      ...[['a,c', 5]],
      ...[['b', 2]],
    ])
  })
})

describe('masks', () => {
  const mask = (name: string) => ({ name, points: [] })

  it('are added, replaced and taken away by their place', () => {
    const two = withMask([mask('a')], null, mask('b'))
    expect(two.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(withMask(two, 0, mask('c')).map(({ name }) => name)).toEqual(['c', 'b'])
    expect(withoutMask(two, 0).map(({ name }) => name)).toEqual(['b'])
  })

  it('show the others beside the one that is drawn', () => {
    expect(outlines([mask('a'), mask('b')], 1).map(({ name }) => name)).toEqual(['a'])
  })
})

describe('a browser', () => {
  it('is named by two words that people know', () => {
    expect(agentText('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0')).toBe('Edge, Windows')
    expect(agentText('curl/8.5')).toBe('curl/8.5')
    expect(agentText('')).toBe('—')
  })
})

import { describe, expect, it } from 'vitest'
import type { UnmaskRequest } from '@/api/unmask'
import { decidable, ownGrant, secondsLeft, unmaskWord } from '@/masks/unmask'

const NOW = Date.parse('2026-11-21T10:00:00Z')
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()

const request = (more: Partial<UnmaskRequest>): UnmaskRequest => ({
  ...{ id: 'r', camera_id: 'c', purpose: 'incident', reason: '', minutes: 10, state: 'pending', requested_by: 'li' },
  ...{ requested_at: at(-60), decided_by: null, decided_at: null, expires_at: null },
  ...more,
})

describe('a request to see without masks', () => {
  it('is over a day after nobody decided it', () => {
    expect(unmaskWord(request({}), NOW)).toBe('pending')
    expect(unmaskWord(request({ requested_at: at(-86_401) }), NOW)).toBe('over')
  })

  it('is over when its time has run out', () => {
    const held = request({ state: 'approved', expires_at: at(90) })
    expect([unmaskWord(held, NOW), secondsLeft(held, NOW)]).toEqual(['approved', 90])
    expect([unmaskWord(held, NOW + 90_000), secondsLeft(held, NOW + 91_000)]).toEqual(['over', 0])
  })

  it('is never offered for decision to who made it', () => {
    const all = [request({ id: 'mine', requested_by: 'wang' }), request({ id: 'theirs' }), request({ id: 'done', state: 'rejected' })]
    expect(decidable(all, 'wang', NOW).map(({ id }) => id)).toEqual(['theirs'])
  })

  it('opens the picture to who made it, and by the approval that holds longest', () => {
    const all = [30, 90, 60].map((s) => request({ id: `${s}`, state: 'approved', expires_at: at(s) }))
    expect(ownGrant(all, 'li', NOW)?.id).toBe('90')
    expect(ownGrant(all, 'wang', NOW)).toBeNull()
    expect(ownGrant(all, 'li', NOW + 90_000)).toBeNull()
  })
})

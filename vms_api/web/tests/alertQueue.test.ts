import { describe, expect, it } from 'vitest'
import type { Alert } from '@/api/alert'
import { litCameras, neighbour, withNews, type News } from '@/alerts/queue'

const ALL = { stage: 'all', userId: 'me', cameraId: null, isFolded: false } as const
const FOLDED = { ...ALL, isFolded: true } as const

function alert(id: string, minute: number, changes: Partial<Alert> = {}): Alert {
  const raised_at = `2026-11-21T12:${String(minute).padStart(2, '0')}:00Z`
  return { id, raised_at, last_at: raised_at, camera_id: 'c1', severity: 'low', state: 'NEW', incident_id: id, repeats: 0, ...changes } as Alert
}

const ids = (list: readonly Alert[]) => list.map((one) => one.id)
const raised = (one: Alert): News => ({ isRaised: true, alert: one })
const changed = (one: Alert): News => ({ isRaised: false, alert: one })

describe('the alert list', () => {
  it('is newest first, also when an old alert comes late', () => {
    const list = withNews([alert('b', 20), alert('a', 10)], [raised(alert('late', 15))], ALL)
    expect(ids(list)).toEqual(['b', 'late', 'a'])
    expect(ids(withNews(list, [raised(alert('new', 30))], ALL))[0]).toBe('new')
  })

  it('shows an alert once although it was delivered twice', () => {
    const list = [alert('a', 10)]
    expect(withNews(list, [raised(alert('a', 10))], ALL)).toBe(list)
    expect(withNews([], [raised(alert('a', 10)), raised(alert('a', 10))], ALL)).toHaveLength(1)
  })

  it('leaves out what its filter leaves out', () => {
    const came = [raised(alert('a', 10))]
    expect(withNews([], came, { ...ALL, stage: 'mine' })).toEqual([])
    expect(withNews([], came, { ...ALL, stage: 'overdue' })).toEqual([])
    expect(withNews([], came, { ...ALL, cameraId: 'c2' })).toEqual([])
  })

  it('keeps an acknowledged alert in its place', () => {
    const list = withNews([alert('b', 20), alert('a', 10)], [changed(alert('b', 20, { state: 'ACKNOWLEDGED' }))], { ...ALL, stage: 'new' })
    expect(list.map((one) => one.state)).toEqual(['ACKNOWLEDGED', 'NEW'])
  })

  it('believes what it heard before a list that was read earlier', () => {
    const read = [alert('b', 20), alert('a', 10)]
    const heard = [raised(alert('c', 30)), changed(alert('b', 20, { state: 'ACKNOWLEDGED' })), changed(alert('c', 30, { state: 'CLOSED' }))]
    const list = withNews(read, heard, ALL)
    expect(list.map(({ id, state }) => [id, state])).toEqual([['c', 'CLOSED'], ['b', 'ACKNOWLEDGED'], ['a', 'NEW']])
    expect(withNews(read, [changed(alert('old', 1, { state: 'CLOSED' }))], ALL)).toBe(read)
  })

  it('moves the selection and stops at its ends', () => {
    const list = [alert('b', 20), alert('a', 10)]
    expect([neighbour(list, null, 1)?.id, neighbour(list, 'b', 1)?.id, neighbour(list, 'a', 1)?.id]).toEqual(['b', 'a', 'a'])
    expect(neighbour([], null, 1)).toBeNull()
  })
})

describe('a folded list', () => {
  const repeat = (id: string, minute: number, repeats: number) => raised(alert(id, minute, { incident_id: 'first', repeats }))

  it('counts a repeat on the card of its first alert, which stays in its place', () => {
    const list = withNews([alert('other', 20), alert('first', 10)], [repeat('r1', 21, 1), repeat('r2', 22, 2)], FOLDED)
    expect(ids(list)).toEqual(['other', 'first'])
    expect(list[1]).toMatchObject({ repeats: 2, last_at: '2026-11-21T12:22:00Z', raised_at: '2026-11-21T12:10:00Z' })
  })

  it('counts no repeat twice, and none that the list had counted before', () => {
    const list = [alert('first', 10, { repeats: 5 })]
    expect(withNews(list, [repeat('r5', 22, 5), repeat('r4', 21, 4)], FOLDED)).toBe(list)
  })

  it('keeps the count when an older word of the alert comes late', () => {
    const list = withNews([alert('first', 10)], [repeat('r3', 22, 3), changed(alert('first', 10, { repeats: 2, state: 'ACKNOWLEDGED' }))], FOLDED)
    expect(list[0]).toMatchObject({ repeats: 3, state: 'ACKNOWLEDGED', last_at: '2026-11-21T12:22:00Z' })
  })

  it('shows every alert by itself when it is unfolded', () => {
    expect(ids(withNews([alert('first', 10)], [repeat('r1', 21, 1)], ALL))).toEqual(['r1', 'first'])
  })
})

describe('the light around a tile', () => {
  const now = Date.parse('2026-11-21T12:20:30Z')

  it('is that of the gravest fresh alert that nobody has acknowledged', () => {
    const lit = litCameras(
      [alert('low', 20), alert('high', 19, { severity: 'high' }), alert('done', 20, { severity: 'high', state: 'ACKNOWLEDGED', camera_id: 'c2' })],
      now,
      120_000,
    )
    expect([...lit].map(([camera, one]) => [camera, one.id])).toEqual([['c1', 'high']])
  })

  it('goes out by itself, and on again with a repeat', () => {
    expect(litCameras([alert('old', 10)], now, 120_000).size).toBe(0)
    expect(litCameras([alert('old', 10, { last_at: '2026-11-21T12:20:00Z' })], now, 120_000).size).toBe(1)
  })
})

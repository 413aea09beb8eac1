import { describe, expect, it } from 'vitest'
import type { Alert } from '@/api/alert'
import { litCameras, neighbour, withNews, withRaised, withUpdated } from '@/alerts/queue'

const ALL = { stage: 'all', userId: 'me', cameraId: null } as const

function alert(id: string, minute: number, changes: Partial<Alert> = {}): Alert {
  const raised_at = `2026-11-21T12:${String(minute).padStart(2, '0')}:00Z`
  return { id, raised_at, camera_id: 'c1', severity: 'low', state: 'NEW', ...changes } as Alert
}

const ids = (list: Alert[]) => list.map((one) => one.id)

describe('the alert list', () => {
  it('is newest first, also when an old alert comes late', () => {
    const list = withRaised([alert('b', 20), alert('a', 10)], alert('late', 15), ALL)
    expect(ids(list)).toEqual(['b', 'late', 'a'])
    expect(ids(withRaised(list, alert('new', 30), ALL))[0]).toBe('new')
  })

  it('shows an alert once although it was delivered twice', () => {
    expect(withRaised([alert('a', 10)], alert('a', 10), ALL)).toHaveLength(1)
  })

  it('leaves out what its filter leaves out', () => {
    expect(withRaised([], alert('a', 10), { ...ALL, stage: 'mine' })).toEqual([])
    expect(withRaised([], alert('a', 10), { ...ALL, cameraId: 'c2' })).toEqual([])
  })

  it('keeps an acknowledged alert in its place', () => {
    const list = withUpdated([alert('b', 20), alert('a', 10)], alert('b', 20, { state: 'ACKNOWLEDGED' }))
    expect(list.map((one) => one.state)).toEqual(['ACKNOWLEDGED', 'NEW'])
  })

  it('believes what it heard before a list that was read earlier', () => {
    const read = [alert('b', 20), alert('a', 10)]
    const list = withNews(read, [alert('c', 30)], [alert('b', 20, { state: 'ACKNOWLEDGED' }), alert('c', 30, { state: 'CLOSED' })], ALL)
    expect(list.map(({ id, state }) => [id, state])).toEqual([['c', 'CLOSED'], ['b', 'ACKNOWLEDGED'], ['a', 'NEW']])
    expect(ids(withNews(read, [], [alert('old', 1, { state: 'CLOSED' })], ALL))).toEqual(['b', 'a'])
  })

  it('moves the selection and stops at its ends', () => {
    const list = [alert('b', 20), alert('a', 10)]
    expect([neighbour(list, null, 1)?.id, neighbour(list, 'b', 1)?.id, neighbour(list, 'a', 1)?.id]).toEqual(['b', 'a', 'a'])
    expect(neighbour([], null, 1)).toBeNull()
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

  it('goes out by itself', () => {
    expect(litCameras([alert('old', 10)], now, 120_000).size).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import type { Alert } from '@/api/alert'
import { dueOf, urgencyOf } from '@/alerts/due'
import { FrameBatch } from '@/alerts/frames'
import { bound, DESK_KEYS, keyOf } from '@/alerts/keys'
import { anchorOf, rowsShown, scrollTo } from '@/alerts/rows'
import { recent, stormOf, withTold } from '@/alerts/storm'
import { undoOf } from '@/alerts/undo'

const ROW = 100

describe('the rows of a long list', () => {
  it('are few however long it is, and all of what is seen', () => {
    const { from, to } = rowsShown(10_000, 500_050, 650, ROW)
    expect([from <= 5000, to >= 5007, to - from < 20]).toEqual([true, true, true])
    expect(rowsShown(3, 0, 650, ROW)).toEqual({ from: 0, to: 3 })
    expect(rowsShown(0, 0, 650, ROW)).toEqual({ from: 0, to: 0 })
    expect(rowsShown(5, 90_000, 650, ROW)).toEqual({ from: 5, to: 5 })
  })

  it('scroll no further than to show the selected one', () => {
    expect(scrollTo(2, 0, 650, ROW)).toBe(0)
    expect(scrollTo(7, 0, 650, ROW)).toBe(150)
    expect(scrollTo(1, 400, 650, ROW)).toBe(100)
  })

  it('hold what is in hand, or the first that is seen', () => {
    expect(anchorOf(4, 100, 650, ROW)).toBe(4)
    expect(anchorOf(400, 100, 650, ROW)).toBe(1)
    expect(anchorOf(-1, 250, 650, ROW)).toBe(2)
  })
})

describe('what comes in within a frame', () => {
  function frames() {
    const due: (() => void)[] = []
    const later = (act: () => void) => {
      due.push(act)
      return () => void due.splice(due.indexOf(act) >>> 0, 1)
    }
    return { later, draw: () => due.splice(0).forEach((act) => act()), count: () => due.length }
  }

  it('is handed on once, in its order', () => {
    const { later, draw } = frames()
    const handed: number[][] = []
    const batch = new FrameBatch<number>((items) => handed.push([...items]), later)
    for (let number = 0; number < 50; number += 1) batch.add(number)
    expect(handed).toEqual([])
    draw()
    expect(handed).toEqual([Array.from({ length: 50 }, (_, index) => index)])
    batch.add(50)
    draw()
    expect(handed[1]).toEqual([50])
  })

  it('is handed on at once when somebody acts, and then not again', () => {
    const { later, draw, count } = frames()
    const handed: number[][] = []
    const batch = new FrameBatch<number>((items) => handed.push([...items]), later)
    batch.add(1)
    batch.flush()
    expect([handed, count()]).toEqual([[[1]], 0])
    draw()
    batch.add(2)
    batch.stop()
    draw()
    expect(handed).toHaveLength(1)
  })
})

describe('the keys of the desk', () => {
  it('are one for each deed, and one deed for each', () => {
    expect(new Set(DESK_KEYS.map(({ key }) => key)).size).toBe(DESK_KEYS.length)
    expect(new Set(DESK_KEYS.map(({ deed }) => deed)).size).toBe(DESK_KEYS.length)
    expect([keyOf('next'), keyOf('previous'), keyOf('acknowledge'), keyOf('resolve'), keyOf('escalate'), keyOf('note'), keyOf('help')]).toEqual(['J', 'K', 'A', 'R', 'E', 'N', '?'])
  })

  it('do only what the place has a use for', () => {
    expect(Object.keys(bound({ next: () => undefined, help: () => undefined })).sort()).toEqual(['?', 'j'])
  })
})

describe('a storm', () => {
  const come = (count: number, cameraName: string, atMs = 0) => Array.from({ length: count }, () => ({ atMs, cameraName }))

  it('is told with the camera that most of it comes from', () => {
    expect(stormOf(come(59, 'Gate'))).toBeNull()
    expect(stormOf([...come(20, 'Gate'), ...come(50, 'Bridge')])).toEqual({ count: 70, cameraName: 'Bridge', cameraCount: 50 })
  })

  it('is also what the server tells of one rule without each alert', () => {
    const told = [{ atMs: 0, cameraName: 'Gate', perMinute: 300 }]
    expect(withTold(null, told)).toEqual({ count: 300, cameraName: 'Gate', cameraCount: 300 })
    expect(withTold(stormOf(come(400, 'Bridge')), told)?.cameraName).toBe('Bridge')
    expect(withTold(null, [])).toBeNull()
  })

  it('is over a minute after the last of it', () => {
    expect(recent([...come(80, 'Gate', 0), ...come(1, 'Gate', 59_000)], 60_000)).toHaveLength(1)
    expect(recent(come(80, 'Gate', 0), 60_000)).toEqual([])
  })
})

const NOW = Date.parse('2026-11-21T12:00:00Z')
const owed = (changes: Partial<Alert>) =>
  ({ state: 'NEW', acknowledge_by: '2026-11-21T12:05:00Z', resolve_by: '2026-11-21T13:00:00Z', overdue: null, ...changes }) as Alert

describe('what is owed to an alert', () => {
  it('is first to take it in hand, then to report', () => {
    expect(dueOf(owed({}), NOW)).toMatchObject({ wait: 'acknowledge', leftMs: 300_000 })
    expect(dueOf(owed({ state: 'IN_PROGRESS' }), NOW)).toMatchObject({ wait: 'resolve', leftMs: 3_600_000 })
    expect(dueOf(owed({ state: 'RESOLVED' }), NOW)).toBeNull()
    expect(dueOf(owed({ acknowledge_by: null }), NOW)).toBeNull()
  })

  it('is overdue by the clock or by the word of the server, and never once it is closed', () => {
    expect(urgencyOf(owed({}), NOW)).toBe('calm')
    expect(urgencyOf(owed({}), NOW + 250_000)).toBe('soon')
    expect(urgencyOf(owed({}), NOW + 300_000)).toBe('overdue')
    expect(urgencyOf(owed({ overdue: 'acknowledge' }), NOW)).toBe('overdue')
    expect(urgencyOf(owed({ state: 'CLOSED', overdue: 'resolve' }), NOW)).toBe('calm')
  })
})

describe('taking back', () => {
  const before = { id: 'a', area_id: 'x', owner_id: 'wang', state: 'IN_PROGRESS' } as Alert
  const dispatches = () => true
  const handles = () => false

  it('sends back what was reported or closed, for who may', () => {
    expect(undoOf('resolve', before, { ...before, state: 'RESOLVED' }, 'wang', dispatches)).toEqual({ act: 'reopen', body: {} })
    expect(undoOf('resolve', before, { ...before, state: 'RESOLVED' }, 'wang', handles)).toBeNull()
  })

  it('gives an alert back to who had it', () => {
    const given = { ...before, owner_id: 'chen' }
    expect(undoOf('assign', before, given, 'li', dispatches)).toEqual({ act: 'assign', body: { user_id: 'wang' } })
    expect(undoOf('assign', before, given, 'wang', handles)).toBeNull()
    expect(undoOf('assign', { ...before, owner_id: null }, given, 'li', dispatches)).toBeNull()
  })

  it('does not unsee an alert', () => {
    expect(undoOf('acknowledge', before, before, 'wang', dispatches)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import type { AlertFigures, AlertReport } from '@/api/report'
import { behind, COUNTS } from '@/reports/behind'
import { daysBetween, filterOf, startForm } from '@/reports/form'

const times = { count: 0, p50_s: null, p90_s: null }
const figures = (key: string, more: Partial<AlertFigures> = {}): AlertFigures => ({
  key, name: key, window: null, raised: 1, cards: 1, acknowledged: 0, resolved: 0, closed: 0, open: 1, overdue: 0, true: 0, false: 0, duplicate: 0, test: 0,
  false_share: { numerator: 0, denominator: 0, share: null }, acknowledge: times, resolve: times, ...more,
})
const whole = { from: '2026-11-20T16:00:00Z', to: '2026-11-22T04:00:00Z' }
const report = (by: AlertReport['by'], row: AlertFigures): AlertReport => ({
  by, window: whole, items: [row], total: figures(''), exclusions: { repeats: 0, tests: 0, duplicates: 0, wrong_clock: 0 },
})

describe('the list behind a number', () => {
  it('asks for the row, the window and what the number counts', () => {
    const row = figures('r1')
    expect(behind(report('rule', row), row, 'false', 'north')).toEqual({ ...whole, area_id: 'north', rule_id: 'r1', folded: true, verdict: 'false' })
    expect(behind(report('camera', row), row, 'raised')).toEqual({ ...whole, area_id: undefined, camera_id: 'r1' })
    expect(behind(report('centre', row), row, 'closed')?.state).toEqual(['CLOSED'])
  })

  it('of all together names no row, and of no centre there is none', () => {
    const row = figures('')
    const told = report('centre', row)
    expect(behind(told, told.total, 'open')).not.toHaveProperty('centre_id')
    expect(behind(told, row, 'open')).toBeNull()
  })

  it('of a day is cut where the report begins and ends', () => {
    const first = figures('2026-11-20', { window: { from: '2026-11-19T16:00:00Z', to: '2026-11-20T16:30:00Z' } })
    expect(behind(report('day', first), first, 'cards')).toMatchObject({ from: whole.from, to: '2026-11-20T16:30:00Z' })
    const last = figures('2026-11-22', { window: { from: '2026-11-21T16:00:00Z', to: '2026-11-22T16:00:00Z' } })
    expect(behind(report('day', last), last, 'cards')).toMatchObject({ from: '2026-11-21T16:00:00Z', to: whole.to })
  })

  it('is there for every number', () => {
    const row = figures('r')
    expect(COUNTS.map((count) => behind(report('rule', row), row, count))).not.toContain(null)
  })
})

describe('the days of a report', () => {
  it('begin with the last seven', () => {
    expect(startForm(new Date(2026, 10, 22, 9))).toMatchObject({ first: '2026-11-16', last: '2026-11-22' })
  })

  it('count both ends, and are refused where they are none', () => {
    const form = startForm(new Date(2026, 10, 22, 9))
    const asked = filterOf(form)
    expect(Date.parse(asked?.to ?? '') - Date.parse(asked?.from ?? '')).toBe(7 * 86_400_000)
    expect(filterOf({ ...form, first: '2026-11-23' })).toBeNull()
    expect(filterOf({ ...form, first: '2025-11-01' })).toBeNull()
    expect(filterOf({ ...form, first: '' })).toBeNull()
  })

  it('have a place each, whatever happened', () => {
    expect(daysBetween('2026-02-27', '2026-03-02')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'])
    expect(daysBetween('2026-03-02', '2026-03-01')).toEqual([])
  })
})

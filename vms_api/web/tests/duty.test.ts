import { describe, expect, it } from 'vitest'
import type { DispatchRule } from '@/api/dispatch'
import type { RosterIn, Shift } from '@/api/duty'
import { dispatchGaps, dispatchRuleFor, limitOf, rulesFor } from '@/dispatch/form'
import { cellOf, laterBy, shiftFor, today, weekOf, withException, withoutShift, withShift } from '@/duty/week'

const day: Shift = { id: 'shift-1', name: 'Day', days: [0, 1], starts: '08:00', ends: '20:00', user_ids: ['wang'] }
const roster: RosterIn = { version: 3, shifts: [day], exceptions: [] }
const MONDAY = '2026-03-23'

describe('a week', () => {
  it('begins on Monday, whichever of its days is meant', () => {
    for (const days of [0, 3, 6]) expect(weekOf(laterBy(MONDAY, days))[0]).toBe(MONDAY)
    expect(weekOf('2026-01-01')).toEqual(['2025-12-29', '2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'])
  })

  it('begins when it begins at the site', () => {
    const now = new Date('2026-03-23T20:00:00Z')
    expect([today(now, 'UTC'), today(now, 'Asia/Shanghai')]).toEqual([MONDAY, '2026-03-24'])
  })
})

describe('a roster', () => {
  it('says who comes by the week, and who instead', () => {
    expect(cellOf(roster, day, MONDAY)).toEqual({ userIds: ['wang'], isException: false })
    expect(cellOf(roster, day, laterBy(MONDAY, 2)).userIds).toEqual([])
    const changed = withException(roster, 'shift-1', MONDAY, ['zhao'])
    expect(cellOf(changed, day, MONDAY)).toEqual({ userIds: ['zhao'], isException: true })
    expect(cellOf(changed, day, laterBy(MONDAY, 7)).userIds).toEqual(['wang'])
    expect(withException(withException(changed, 'shift-1', MONDAY, []), 'shift-1', MONDAY, null)).toEqual(roster)
  })

  it('loses the exceptions of a shift with the shift', () => {
    expect(withoutShift(withException(roster, 'shift-1', MONDAY, []), 'shift-1')).toEqual({ version: 3, shifts: [], exceptions: [] })
  })

  it('offers the rest of the day as the next shift, under a free id', () => {
    const night = shiftFor(roster, 'Night')
    expect(night).toMatchObject({ id: 'shift-2', starts: '20:00', ends: '08:00', days: [0, 1] })
    const both = withShift(roster, night)
    expect(shiftFor(both, 'Third').starts).not.toBe(shiftFor(both, 'Third').ends)
    expect(shiftFor(withoutShift(both, 'shift-1'), 'Again').id).toBe('shift-3')
    expect(withShift(both, { ...day, name: 'Early' }).shifts.map(({ name }) => name)).toEqual(['Early', 'Night'])
  })
})

describe('dispatch rules', () => {
  const times = { acknowledge_within_s: 300, resolve_within_s: 3600, remind_every_s: null }
  const ruleOf = (id: string, area_id: string, position: number): DispatchRule => ({ ...dispatchRuleFor(area_id, times, []), id, position })

  it('are tried from the nearest area up, and by their order there', () => {
    const rules = [ruleOf('a', 'city', 0), ruleOf('b', 'village', 2), ruleOf('c', 'village', 1), ruleOf('d', 'elsewhere', 0)]
    expect(rulesFor(rules, ['city', 'village']).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(dispatchRuleFor('village', times, rules).position).toBe(3)
    expect(dispatchRuleFor('town', times, rules).position).toBe(0)
  })

  it('say their times in whole units', () => {
    expect([90, 300, 14_400, 86_400, 5400].map(limitOf).map(({ unit, count }) => `${count} ${unit}`)).toEqual(['90 seconds', '5 minutes', '4 hours', '1 days', '90 minutes'])
  })

  it('are not saved without a name, crossed times or a schedule that never holds', () => {
    const rule = { ...dispatchRuleFor('village', times, []), name: 'Night' }
    expect(dispatchGaps(rule)).toEqual([])
    expect(dispatchGaps({ ...rule, name: ' ', resolve_within_s: 60, schedule: { windows: [] } })).toEqual(['name', 'resolve_within_s', 'schedule'])
  })
})

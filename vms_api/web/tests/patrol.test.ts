import { describe, expect, it } from 'vitest'
import type { PlanStop } from '@/api/patrolPlan'
import type { RoundStop, StopVerdict } from '@/api/patrolRound'
import { weekRounds, weekSpan } from '@/patrol/calendar'
import { nearest } from '@/patrol/nearest'
import { byTemplate, emptyPlan, moved, planGaps, walkS, withCamera } from '@/patrol/planForm'
import { notCounting } from '@/patrol/presence'
import { comingStops, doneCount, fits, isOdd, mayFinish, nextOpen, roundUrgency, shownStops, stillNeeded } from '@/patrol/walk'
import { isTourPlace, tourPages, turned } from '@/wall/tour'

const stop = (index: number, more: Partial<RoundStop> = {}): RoundStop => ({
  id: `s${index}`, index, camera_id: `c${index}`, camera_name: `Camera ${index}`, area_id: null, is_extra: false, preset: null, dwell_s: 10, questions: [], reference_id: null,
  arrived_at: null, left_at: null, present_s: 0, attended_s: 0, verdict: null, unreachable: false, unreachable_why: null, answers: [], unexpected: [], note: '',
  snapshot_id: null, alert_id: null, ticket_id: null, ...more,
})
const route = (verdicts: (StopVerdict | null)[]) => verdicts.map((verdict, index) => stop(index, { verdict }))
const ids = (stops: readonly { id: string }[]) => stops.map(({ id }) => id)
const planned = (id: string, dwell_s = 10): PlanStop => ({ id, camera_id: `c-${id}`, preset: null, dwell_s, questions: [], reference_id: null })

describe('the walk along a round', () => {
  it('goes to the next stop without a verdict, and back to those left out', () => {
    expect(nextOpen(route([null, null, null]), 0)).toBe(1)
    expect(nextOpen(route([null, 'normal', 'normal']), 2)).toBe(0)
    expect(nextOpen(route(['normal', 'abnormal', 'normal']), 1)).toBeNull()
    expect(nextOpen([], 0)).toBeNull()
  })

  it('shows whole pages of the grid and connects what comes after in advance', () => {
    const stops = route([null, null, null, null, null, null])
    expect(ids(shownStops(stops, 2, 4))).toEqual(['s0', 's1', 's2', 's3'])
    expect(ids(shownStops(stops, 5, 4))).toEqual(['s4', 's5'])
    expect(ids(comingStops(stops, 2, 4))).toEqual(['s4', 's5'])
    expect(ids(comingStops(stops, 2, 1))).toEqual(['s3'])
    expect(ids(comingStops(stops, 5, 1))).toEqual(['s0'])
  })

  it('connects nothing in advance at the last open stop', () => {
    expect(comingStops(route(['normal', null, 'normal']), 1, 1)).toEqual([])
    expect(comingStops(route([null, null]), 0, 4)).toEqual([])
  })

  it('asks for the whole time for normal, at once takes what is wrong, and no time where nothing can be seen', () => {
    const seen = stop(0, { present_s: 4, attended_s: 9 })
    expect(stillNeeded(seen, 'normal', 0)).toBe(6)
    expect(stillNeeded(seen, 'normal', 1.5)).toBe(5)
    expect(stillNeeded(seen, 'camera-fault', 0)).toBe(1)
    expect(stillNeeded(seen, 'abnormal', 0)).toBe(0)
    expect(stillNeeded(stop(0, { present_s: 30 }), 'normal', 0)).toBe(0)
    expect(stillNeeded(stop(0, { unreachable: true }), 'cannot-judge', 0)).toBe(0)
  })

  it('lets little be said of what cannot be seen', () => {
    const offline = stop(0, { unreachable: true, unreachable_why: 'offline' })
    expect(['normal', 'abnormal', 'camera-fault', 'cannot-judge'].filter((verdict) => fits(offline, verdict as StopVerdict))).toEqual(['camera-fault', 'cannot-judge'])
    expect(fits(stop(0, { unreachable: true, unreachable_why: 'no-right' }), 'camera-fault')).toBe(false)
    expect(fits(stop(0), 'normal')).toBe(true)
  })

  it('may end when enough is done; what was out of reach is done', () => {
    const stops = [...route(['normal', 'abnormal', null]), stop(3, { unreachable: true })]
    expect(doneCount(stops)).toBe(3)
    expect(mayFinish({ stops, complete_at: 1 })).toBe(false)
    expect(mayFinish({ stops, complete_at: 0.75 })).toBe(true)
    expect(mayFinish({ stops: [], complete_at: 1 })).toBe(false)
  })

  it('marks an answer only where another one was expected', () => {
    expect(isOdd('yes', 'no')).toBe(true)
    expect(isOdd('yes', null)).toBe(false)
    expect(isOdd(null, 'no')).toBe(false)
  })

  it('is late by the word of the server, and over when the deadline has passed', () => {
    const now = Date.parse('2026-11-22T10:00:00Z')
    const at = (deadline_at: string, state = 'running' as const, late = false) => roundUrgency({ deadline_at, state, late }, now)
    expect(at('2026-11-22T12:00:00Z')).toBe('calm')
    expect(at('2026-11-22T10:10:00Z')).toBe('soon')
    expect(at('2026-11-22T12:00:00Z', 'running', true)).toBe('late')
    expect(at('2026-11-22T09:59:59Z')).toBe('over')
    expect(roundUrgency({ deadline_at: '2026-11-22T12:00:00Z', state: 'missed', late: false }, now)).toBe('over')
    expect(roundUrgency({ deadline_at: '2026-11-22T09:00:00Z', state: 'completed', late: false }, now)).toBe('calm')
  })
})

describe('presence', () => {
  it('says the first reason why the time does not count', () => {
    expect(notCounting(false, true, 0)).toBe('hidden')
    expect(notCounting(true, true, 61_000)).toBe('away')
    expect(notCounting(true, false, 0)).toBe('still')
    expect(notCounting(true, true, 59_000)).toBeNull()
  })
})

describe('a plan', () => {
  it('takes cameras in at a place, with the dwell of the stop before it', () => {
    const stops = withCamera([planned('a', 25), planned('b', 5)], 'new', 1)
    expect(stops.map(({ camera_id, dwell_s }) => [camera_id, dwell_s])).toEqual([['c-a', 25], ['new', 25], ['c-b', 5]])
    expect(new Set(ids(stops)).size).toBe(3)
  })

  it('takes no more than ten thousand stops', () => {
    const full = Array.from({ length: 10_000 }, (_, index) => planned(`${index}`))
    expect(withCamera(full, 'one more', 0)).toHaveLength(10_000)
  })

  it('moves a stop and stays as it is at the ends', () => {
    const stops = [planned('a'), planned('b'), planned('c')]
    expect(ids(moved(stops, 0, 2))).toEqual(['b', 'c', 'a'])
    expect(ids(moved(stops, 2, 0))).toEqual(['c', 'a', 'b'])
    expect(ids(moved(stops, 0, -1))).toEqual(['a', 'b', 'c'])
  })

  it('takes at least the longest dwell of each screen', () => {
    expect(walkS([planned('a', 10), planned('b', 30), planned('c', 5)], 1)).toBe(45)
    expect(walkS([planned('a', 10), planned('b', 30), planned('c', 5), planned('d', 5), planned('e', 7)], 4)).toBe(37)
  })

  it('says what is missing, and keeps its route under a template', () => {
    const plan = { ...emptyPlan('north'), people: { user_ids: [] } }
    expect(planGaps(plan)).toEqual(['name', 'stops', 'people'])
    const whole = { ...plan, name: 'Morning', stops: [planned('a')], people: { roster: true } as const }
    expect(planGaps(whole)).toEqual([])
    const template = { key: 'hourly', order: 'shuffled', grid: 4, dwell_s: 12, schedule: { windows: [], skip_holidays: true, holidays: [] }, complete_at: 0.9, deadline_s: 600 } as const
    const made = byTemplate(whole, { ...template, schedule: { ...template.schedule, windows: [], holidays: [] } })
    expect(made).toMatchObject({ name: 'Morning', order: 'shuffled', grid: 4, deadline_s: 600, stops: [{ id: 'a', dwell_s: 12 }] })
  })
})

describe('the calendar', () => {
  const round = (due_at: string) => ({ plan_id: 'p', name: 'Morning', due_at, deadline_at: due_at, round_id: null, state: 'planned' as const })

  it('puts a round on the day of the reader and asks for enough to know', () => {
    const late = round('2026-11-22T16:30:00Z') // half past midnight of Monday in Shanghai
    const week = weekRounds([late, round('2026-11-23T02:00:00Z')], '2026-11-23', 'Asia/Shanghai')
    expect(week.map(({ day }) => day)).toHaveLength(7)
    expect(week[0]?.rounds.map(({ due_at }) => due_at)).toEqual(['2026-11-22T16:30:00Z', '2026-11-23T02:00:00Z'])
    expect(weekRounds([late], '2026-11-16', 'UTC')[6]?.rounds).toEqual([late])
    expect(weekSpan('2026-11-23')).toEqual({ from: '2026-11-22T00:00:00Z', to: '2026-12-01T00:00:00Z' })
  })
})

describe('the map of a plan', () => {
  it('takes the camera nearest on the ground, not in degrees', () => {
    const places = [
      { id: 'east', position: { longitude: 120.0016, latitude: 60 } }, // 89 m away: a degree of longitude is half as long here
      { id: 'north', position: { longitude: 120, latitude: 60.001 } }, // 111 m away
    ]
    expect(nearest(places, { longitude: 120, latitude: 60 })).toBe('east')
    expect(nearest([], { longitude: 120, latitude: 60 })).toBeNull()
  })
})

describe('a tour of the wall', () => {
  it('goes page by page, each as long as its longest stop, with empty tiles at the end', () => {
    const stops = [5, 20, 10, 10, 15].map((dwell_s, index) => ({ camera_id: `c${index}`, dwell_s, preset: null }))
    expect(tourPages({ stops, grid: 4 })).toEqual([
      { cameraIds: ['c0', 'c1', 'c2', 'c3'], dwellS: 20 },
      { cameraIds: ['c4', null, null, null], dwellS: 15 },
    ])
  })

  it('turns around its ends and reads back only what it wrote', () => {
    expect([turned(1, 1, 2), turned(0, -1, 3), turned(5, 1, 0)]).toEqual([0, 2, 0])
    expect([isTourPlace(null), isTourPlace({ planId: 'p', page: 2, isHeld: false }), isTourPlace({ planId: 'p' }), isTourPlace('p')]).toEqual([true, true, false, false])
  })
})

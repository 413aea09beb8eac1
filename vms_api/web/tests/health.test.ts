import { describe, expect, it } from 'vitest'
import type { CameraHistory, CameraState } from '@/api/camera'
import type { ExportRequest } from '@/api/export'
import type { RecordingPlan } from '@/api/recording'
import { decidableExports, isFetchable, isUnderWay } from '@/exports/decisions'
import { gapsOf, isClockOff, liveShare, phasesOf } from '@/health/past'
import { fieldMoment, fieldText, rangeFrom, withEnd } from '@/playback/range'
import { planGaps, planOf, withMode } from '@/recording/form'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const HOUR = 3_600_000
const at = (hours: number) => new Date(NOON + hours * HOUR).toISOString()
const change = (hours: number, state: CameraState, code?: string) => ({ at: at(hours), role: 'main' as const, state, fault: code ? { code, message: '', at: at(hours) } : null })

describe('the past of a camera', () => {
  const history: CameraHistory = {
    states: [change(-5, 'live'), change(1, 'waiting', 'source-timeout'), { ...change(1.5, 'refused'), role: 'sub' }, change(2, 'live')],
    complete: true,
    gaps: [
      { from: at(-1), to: at(0.5), reason: 'node-down' },
      { from: at(3), to: null, reason: 'disk-full' },
    ],
  }

  it('is one phase after another, cut to the range', () => {
    expect(phasesOf(history, NOON, NOON + 4 * HOUR).map(({ state, fault, from, to }) => [state, fault, (from - NOON) / HOUR, (to - NOON) / HOUR])).toEqual([
      ...[['live', null, 0, 1]],
      ...[['waiting', 'source-timeout', 1, 2]],
      ...[['live', null, 2, 4]],
    ])
  })

  it('is unknown before the first state that is known', () => {
    expect(phasesOf({ states: [change(1, 'live')], gaps: [], complete: true }, NOON, NOON + 2 * HOUR)[0]).toMatchObject({ state: 'unknown', to: NOON + HOUR })
  })

  it('counts as live what was live of the time that is known', () => {
    expect(liveShare(phasesOf(history, NOON, NOON + 4 * HOUR))).toBe(0.75)
    expect(liveShare(phasesOf({ states: [change(3, 'live')], gaps: [], complete: true }, NOON, NOON + 4 * HOUR))).toBe(1)
    expect(liveShare([])).toBeNull()
  })

  it('has gaps, of which one may go on', () => {
    expect(gapsOf(history, NOON, NOON + 4 * HOUR).map(({ reason, from, to, isOpen }) => [reason, (from - NOON) / HOUR, (to - NOON) / HOUR, isOpen])).toEqual([
      ...[['node-down', 0, 0.5, false]],
      ...[['disk-full', 3, 4, true]],
    ])
  })

  it('warns of a clock that is off by more than two seconds, whichever way', () => {
    expect([null, undefined, 0, 2, -2, 2.1, -3600].map(isClockOff)).toEqual([false, false, false, false, false, true, true])
  })
})

describe('a marked range', () => {
  it('begins at the moment and ends at the present at the latest', () => {
    expect(rangeFrom(NOON, NOON + HOUR)).toEqual({ fromMs: NOON, toMs: NOON + 60_000 })
    expect(rangeFrom(NOON, NOON + 500)).toEqual({ fromMs: NOON - 500, toMs: NOON + 500 })
  })

  it('has ends that do not pass each other', () => {
    const range = rangeFrom(NOON, NOON + HOUR)
    expect(withEnd(range, 'fromMs', NOON + HOUR, NOON + HOUR).fromMs).toBe(range.toMs - 1000)
    expect(withEnd(range, 'toMs', NOON - HOUR, NOON + HOUR).toMs).toBe(NOON + 1000)
    expect(withEnd(range, 'toMs', NOON + 9 * HOUR, NOON + HOUR).toMs).toBe(NOON + HOUR)
  })

  it('goes through a field and comes back', () => {
    expect(fieldMoment(fieldText(NOON + 5000))).toBe(NOON + 5000)
    expect(fieldMoment('')).toBeNull()
  })
})

describe('an export', () => {
  const request = (state: ExportRequest['state'], requested_by: string) => ({ id: requested_by + state, state, requested_by }) as ExportRequest

  it('is decided by somebody else than who asked', () => {
    expect(decidableExports([request('REQUESTED', 'li'), request('REQUESTED', 'wang'), request('READY', 'li')], 'wang').map(({ id }) => id)).toEqual(['liREQUESTED'])
  })

  it('is fetched by who asked, when it is ready', () => {
    expect([request('READY', 'li'), request('READY', 'wang'), request('DOWNLOADED', 'li')].map((one) => isFetchable(one, 'li'))).toEqual([true, false, false])
  })

  it('is looked at again until it has come to its end', () => {
    expect(isUnderWay([request('DOWNLOADED', 'li'), request('REJECTED', 'li')])).toBe(false)
    expect(isUnderWay([request('DOWNLOADED', 'li'), request('BUILDING', 'li')])).toBe(true)
  })
})

describe('a recording plan', () => {
  const plan: RecordingPlan = {
    ...{ mode: 'continuous', schedule: null, pre_roll_s: 5, post_roll_s: 10, stream: 'main', audio: true },
    ...{ retention_min_days: null, retention_max_days: null },
  }

  it('has a schedule where it goes by one, and sends none elsewhere', () => {
    const scheduled = withMode(plan, 'scheduled')
    expect(scheduled.schedule?.windows).toHaveLength(1)
    expect(planOf(scheduled).schedule).not.toBeNull()
    expect(planOf(withMode(scheduled, 'event')).schedule).toBeNull()
  })

  it('names what does not go together', () => {
    expect(planGaps({ ...plan, mode: 'scheduled', schedule: { windows: [] } }).schedule).toBe(true)
    expect(planGaps({ ...plan, retention_min_days: 30, retention_max_days: 7 }).retention_max_days).toBe(true)
    expect(planGaps(withMode(plan, 'scheduled'))).toEqual({ schedule: false, retention_max_days: false })
  })
})

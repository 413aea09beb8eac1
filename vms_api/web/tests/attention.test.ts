import { describe, expect, it } from 'vitest'
import type { Alert } from '@/api/alert'
import type { Notifications } from '@/api/notify'
import { isQuiet, isWanted, soundsNow } from '@/attention/wish'

const at = (clock: string) => new Date(`2026-11-21T${clock}:00`)

describe('quiet hours', () => {
  it('begin with their first minute and end before their last', () => {
    const noon = [{ starts: '12:00', ends: '13:30' }]
    expect(['11:59', '12:00', '13:29', '13:30'].map((clock) => isQuiet(noon, at(clock)))).toEqual([false, true, true, false])
  })

  it('reach over midnight', () => {
    const night = [{ starts: '22:00', ends: '06:00' }]
    expect(['21:59', '23:00', '05:59', '06:00'].map((clock) => isQuiet(night, at(clock)))).toEqual([false, true, true, false])
  })

  it('are none when none are set, and all day when they end where they start', () => {
    expect(isQuiet([], at('03:00'))).toBe(false)
    expect(isQuiet([{ starts: '08:00', ends: '08:00' }], at('03:00'))).toBe(true)
  })
})

describe('what a person hears of', () => {
  const wishes: Notifications = { areas: ['township'], severities: ['high'], quiet: [], sound: true, browser: false, email: null }
  const high = { severity: 'high' } as Alert

  it('is of the areas and severities that were asked for, and of all below them', () => {
    expect(isWanted(high, wishes, ['county', 'township', 'village'])).toBe(true)
    expect(isWanted(high, wishes, ['county', 'other'])).toBe(false)
    expect(isWanted({ ...high, severity: 'low' }, wishes, ['township'])).toBe(false)
    expect(isWanted(high, { ...wishes, areas: [] }, [])).toBe(true)
  })

  it('does not drown in a storm, but a graver alert is heard at once', () => {
    const last = { severity: 'medium', atMs: 1000 } as const
    expect(soundsNow(null, 'low', 0)).toBe(true)
    expect([soundsNow(last, 'medium', 1500), soundsNow(last, 'low', 1500), soundsNow(last, 'high', 1500), soundsNow(last, 'low', 3500)]).toEqual([false, false, true, true])
  })
})

import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { RateValue } from '@/api/rate'

type Words = typeof import('@/rates/words')
type Window = typeof import('@/rates/window')
let words: Words
let days: Window

beforeAll(async () => {
  vi.stubGlobal('localStorage', { getItem: () => 'en', setItem: () => undefined })
  words = await import('@/rates/words')
  days = await import('@/rates/window')
})

const value = (changes: Partial<RateValue> = {}): RateValue => ({
  rate: 'online', numerator: 64_800, denominator: 86_400, value: 0.75, unit: 's', coverage: 1, insufficient: false, target: 0.95, excluded: [], method_version: '1', ...changes,
})

describe('the window of the rates', () => {
  it('ends yesterday, over the end of months and years', () => {
    expect(days.lastDays('2026-03-01', 7)).toEqual({ first: '2026-02-22', last: '2026-02-28' })
    expect(days.lastDays('2027-01-01', 1)).toEqual({ first: '2026-12-31', last: '2026-12-31' })
    expect(days.lastMonth('2028-03-15')).toEqual({ first: '2028-02-01', last: '2028-02-29' })
    expect(days.shifted('2026-03-28', 2)).toBe('2026-03-30')
  })

  it('ends yesterday by the clocks of the site, also for a reader elsewhere', async () => {
    const { me } = await import('@/state/me')
    vi.useFakeTimers({ now: new Date('2026-11-22T20:37:00Z') })
    for (const [time_zone, day] of [['Asia/Shanghai', '2026-11-23'], ['America/New_York', '2026-11-22']] as const) {
      me.value = { id: 'u', username: 'u', language: null, permissions: [], must_change_password: false, has_totp: false, must_set_up_totp: false, time_zone }
      expect(days.siteToday()).toBe(day)
    }
    vi.useRealTimers()
  })

  it('is none while a day is missing, wrong or too far', () => {
    const form = { first: '2026-01-01', last: '2026-12-31', areaId: '' }
    expect(days.filterOf(form)).toEqual({ from: '2026-01-01', to: '2026-12-31', area_id: undefined })
    expect(days.filterOf({ ...form, first: '' })).toBeNull()
    expect(days.filterOf({ ...form, last: '2025-12-31' })).toBeNull()
    expect(days.filterOf({ ...form, last: '2027-01-02' })).toBeNull()
  })
})

describe('the words of a rate', () => {
  it('say whether the target is met, or why that cannot be said', () => {
    expect(words.verdictOf(value())).toBe('missed')
    expect(words.verdictOf(value({ value: 0.95 }))).toBe('met')
    expect(words.verdictOf(value({ target: null }))).toBe('untargeted')
    expect(words.verdictOf(value({ value: null, insufficient: true, coverage: 0.94 }))).toBe('insufficient')
    expect(words.verdictOf(value({ value: null, denominator: 0, numerator: 0 }))).toBe('nothing')
    expect(words.valueText(value({ value: null, insufficient: true }))).toBe('Insufficient data')
  })

  it('cut percentages off, so that not quite all is not all', () => {
    expect(words.percentText(0.999_99)).toBe('99.99%')
    expect(words.percentText(1)).toBe('100%')
    expect(words.percentText(0.29)).toBe('29%')
    expect(words.percentText(null)).toBe('–')
  })

  it('show seconds as hours and other counts as they are', () => {
    expect(words.countedText(value())).toBe('18 of 24 h')
    expect(words.countedText(value({ unit: 'cameras', numerator: 3, denominator: 1200 }))).toBe('3 of 1,200 cameras')
  })

  it('translate our reasons and leave those that people typed', () => {
    expect(words.whyText('power')).toBe('power cut')
    expect(words.whyText('更换光缆')).toBe('更换光缆')
  })
})

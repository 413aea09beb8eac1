import { DAY, HOUR, MINUTE } from '@/playback/scale'

/** An alert is looked at from a little before it was raised. */
export const BEFORE_ALERT_MS = 5000

/** The server plays at most this much at once. */
const LONGEST_PLAYED_MS = 6 * HOUR

/** A range as the server takes it: some time before the moment, so that stepping back is quick, and the rest after. */
export function windowAround(atMs: number, nowMs: number): { fromMs: number; toMs: number } {
  const fromMs = atMs - 10 * MINUTE
  return { fromMs, toMs: Math.min(fromMs + LONGEST_PLAYED_MS, Math.max(nowMs, atMs + 1000)) }
}

/** Midnight of the reader's clock on the moment's day. */
export function dayStart(atMs: number): number {
  const day = new Date(atMs)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()
}

/** What a date field holds for the moment, as `2026-11-22`. */
export function dayText(atMs: number): string {
  const day = new Date(atMs)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** The same time of day on the day of a date field; null for an unfinished date. */
export function onDay(atMs: number, day: string): number | null {
  const [year, month, date] = day.split('-').map(Number)
  if (!year || !month || !date) return null
  return new Date(year, month - 1, date).getTime() + (atMs - dayStart(atMs))
}

/** The moment of an RFC 3339 text from an address line; null where it is none or lies years away. */
export function momentFrom(text: unknown, nowMs: number): number | null {
  const atMs = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isFinite(atMs) && Math.abs(nowMs - atMs) < 20 * 366 * DAY ? atMs : null
}

/** A part of time that a person has marked, in Unix milliseconds. */
export interface TimeRange {
  fromMs: number
  toMs: number
}

export type RangeEnd = keyof TimeRange

const SHORTEST_MS = 1000

/** A range of a minute that begins at the moment, not beyond the present. */
export const rangeFrom = (atMs: number, nowMs: number): TimeRange => {
  const toMs = Math.min(atMs + 60_000, nowMs)
  return { fromMs: Math.min(atMs, toMs - SHORTEST_MS), toMs }
}

/** One end moved; it stops before the other one, and at the present. */
export function withEnd(range: TimeRange, end: RangeEnd, atMs: number, nowMs: number): TimeRange {
  return end === 'fromMs'
    ? { ...range, fromMs: Math.min(atMs, range.toMs - SHORTEST_MS) }
    : { ...range, toMs: Math.max(range.fromMs + SHORTEST_MS, Math.min(atMs, nowMs)) }
}

/** What a `datetime-local` field with seconds holds for the moment, on the reader's clock. */
export function fieldText(atMs: number): string {
  const local = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}

/** The moment of such a field; null while it is unfinished. */
export function fieldMoment(text: string): number | null {
  const atMs = new Date(text).getTime()
  return Number.isFinite(atMs) ? atMs : null
}

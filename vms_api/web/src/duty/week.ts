import type { RosterIn, Shift } from '@/api/duty'

/** The days of a roster as calendar dates (2026-03-23), without any time zone. */
const DAY_MS = 86_400_000

const asDate = (day: string) => new Date(`${day}T00:00:00Z`)
const asDay = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** The date that the clocks of the zone show. */
export const today = (now: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)

/** 0 for Monday. */
export const weekday = (day: string): number => (asDate(day).getUTCDay() + 6) % 7

export const laterBy = (day: string, days: number): string => asDay(asDate(day).getTime() + days * DAY_MS)

/** The seven days of the week in which a day lies, from Monday. */
export function weekOf(day: string): string[] {
  const monday = laterBy(day, -weekday(day))
  return [0, 1, 2, 3, 4, 5, 6].map((days) => laterBy(monday, days))
}

export interface Cell {
  userIds: readonly string[]
  /** Whether it differs from what the week says. */
  isException: boolean
}

/** Who has a shift on a day. */
export function cellOf(roster: RosterIn, shift: Shift, day: string): Cell {
  const exception = roster.exceptions.find((one) => one.date === day && one.shift_id === shift.id)
  if (exception !== undefined) return { userIds: exception.user_ids, isException: true }
  return { userIds: shift.days.includes(weekday(day)) ? shift.user_ids : [], isException: false }
}

/** The roster with other people on one day; null: with those of the week again. */
export function withException(roster: RosterIn, shiftId: string, day: string, userIds: readonly string[] | null): RosterIn {
  const others = roster.exceptions.filter((one) => one.date !== day || one.shift_id !== shiftId)
  const added = userIds === null ? [] : [{ date: day, shift_id: shiftId, user_ids: [...userIds] }]
  return { version: roster.version, shifts: roster.shifts, exceptions: [...others, ...added] }
}

/** The roster with a shift that is new, or is another one than before. */
export function withShift(roster: RosterIn, shift: Shift): RosterIn {
  const isKnown = roster.shifts.some(({ id }) => id === shift.id)
  const shifts = isKnown ? roster.shifts.map((one) => (one.id === shift.id ? shift : one)) : [...roster.shifts, shift]
  return { version: roster.version, shifts, exceptions: roster.exceptions }
}

/** The roster without a shift and its exceptions. */
export function withoutShift(roster: RosterIn, shiftId: string): RosterIn {
  return {
    version: roster.version,
    shifts: roster.shifts.filter(({ id }) => id !== shiftId),
    exceptions: roster.exceptions.filter((one) => one.shift_id !== shiftId),
  }
}

/** A shift id that the roster has not yet. */
export function freeShiftId(roster: RosterIn): string {
  const taken = new Set(roster.shifts.map(({ id }) => id))
  let number = roster.shifts.length + 1
  while (taken.has(`shift-${number}`)) number += 1
  return `shift-${number}`
}

/** The first shift that one adds: by day, every day. The next one fills the rest of the day. */
export function shiftFor(roster: RosterIn, name: string): Shift {
  const last = roster.shifts.at(-1)
  const first = roster.shifts[0]
  const [starts, ends] = last === undefined || first === undefined ? ['08:00', '20:00'] : [last.ends, first.starts]
  const days = last === undefined ? [0, 1, 2, 3, 4, 5, 6] : [...last.days]
  // The day is full: another one beside the others.
  const others = starts === '08:00' ? '20:00' : '08:00'
  return { id: freeShiftId(roster), name, days, starts, ends: starts === ends ? others : ends, user_ids: [] }
}

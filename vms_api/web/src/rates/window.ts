import type { RateFilter } from '@/api/rate'
import { today } from '@/duty/week'
import { me } from '@/state/me'

/** The filters as they are typed; days of the site's clocks, both counted (`2026-11-21`). */
export interface WindowForm {
  first: string
  last: string
  areaId: string
}

const DAY_MS = 86_400_000
/** The server takes no longer window. */
const MOST_DAYS = 366

/** The days before today: `count` of them, the last one yesterday. */
export function lastDays(today: string, count: number): Pick<WindowForm, 'first' | 'last'> {
  return { first: shifted(today, -count), last: shifted(today, -1) }
}

/** The month before that of today, from its first to its last day. */
export function lastMonth(today: string): Pick<WindowForm, 'first' | 'last'> {
  const last = shifted(`${today.slice(0, 8)}01`, -1)
  return { first: `${last.slice(0, 8)}01`, last }
}

/** What is asked for; null while the days are none, the wrong way round, or too many. */
export function filterOf(form: WindowForm): RateFilter | null {
  const [first, last] = [dayMs(form.first), dayMs(form.last)]
  if (Number.isNaN(first) || Number.isNaN(last) || last < first || last - first >= MOST_DAYS * DAY_MS) return null
  return { from: form.first, to: form.last, area_id: form.areaId || undefined }
}

export function shifted(day: string, days: number): string {
  return new Date(dayMs(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/** The day that it is by the site's clocks, wherever it is looked at from. */
export const siteToday = (): string => today(new Date(), me.value?.time_zone ?? 'UTC')

const dayMs = (day: string) => (/^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN)

import type { Grouping, ReportFilter } from '@/api/report'

/** The filters as they are typed: days of the reader's clock, both counted (`2026-11-21`). */
export interface ReportForm {
  first: string
  last: string
  by: Grouping
  areaId: string
}

const DAY_MS = 86_400_000
/** The server takes no longer window. */
export const MOST_DAYS = 366

/** The last seven days, today with them. */
export function startForm(now: Date): ReportForm {
  return { first: dayText(new Date(now.getTime() - 6 * DAY_MS)), last: dayText(now), by: 'rule', areaId: '' }
}

/** What is asked for; null while the days are none, the wrong way round, or too many. */
export function filterOf(form: ReportForm): ReportFilter | null {
  const from = midnight(form.first, 0)
  const to = midnight(form.last, 1)
  if (from === null || to === null || to <= from || to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) return null
  return { from: from.toISOString(), to: to.toISOString(), by: form.by, area_id: form.areaId || undefined }
}

/** Every day from the first to the last, so that one on which nothing happened has its place. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = []
  for (let ahead = 0; ahead <= MOST_DAYS; ahead += 1) {
    const at = midnight(first, ahead)
    if (at === null || dayText(at) > last) break
    days.push(dayText(at))
  }
  return days
}

function midnight(day: string, ahead: number): Date | null {
  const [year, month, date] = day.split('-').map(Number)
  if (year === undefined || month === undefined || date === undefined) return null
  const at = new Date(year, month - 1, date + ahead)
  return Number.isNaN(at.getTime()) ? null : at
}

function dayText(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

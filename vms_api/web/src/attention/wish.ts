import type { Alert } from '@/api/alert'
import type { Notifications } from '@/api/notify'
import type { Severity } from '@/api/rule'

/** Whether that minute of the day lies in one of the quiet hours; the start belongs to them, the end does not. Hours that
 * end before they start reach over midnight, and those that end where they start are the whole day. */
export function isQuiet(hours: Notifications['quiet'], at: Date): boolean {
  const minute = at.getHours() * 60 + at.getMinutes()
  return hours.some(({ starts, ends }) => {
    const [from, to] = [minuteOf(starts), minuteOf(ends)]
    return from < to ? from <= minute && minute < to : minute >= from || minute < to
  })
}

/** Whether the person wants to hear of the alert, at any hour. `areasAbove` are the alert's area and all above it. */
export function isWanted(alert: Alert, { areas, severities }: Notifications, areasAbove: readonly string[]): boolean {
  return severities.includes(alert.severity) && (areas.length === 0 || areas.some((id) => areasAbove.includes(id)))
}

/** What sounded last, and when. */
export interface Sounded {
  severity: Severity
  atMs: number
}

const GRAVITY = { low: 0, medium: 1, high: 2 } as const
const PAUSE_MS = 2500

/** Whether one more chime tells anything: in a storm it would only drown the others, except that of a graver alert. */
export function soundsNow(last: Sounded | null, severity: Severity, nowMs: number): boolean {
  return last === null || GRAVITY[severity] > GRAVITY[last.severity] || nowMs - last.atMs >= PAUSE_MS
}

function minuteOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

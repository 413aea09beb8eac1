import type { Alert, Wait } from '@/api/alert'
import { isOpen } from '@/alerts/stage'

/** What is owed to an alert next, and when it is due. `leftMs` is below zero when that time is over. */
export interface Due {
  wait: Wait
  at: string
  leftMs: number
}

/** Less than this is soon. */
const SOON_MS = 60_000

/** What is owed next: taking it in hand while nobody has, then the report. Null where nothing is due. */
export function dueOf(alert: Alert, nowMs: number): Due | null {
  if (!isOpen(alert) || alert.state === 'RESOLVED') return null
  const wait: Wait = alert.state === 'NEW' ? 'acknowledge' : 'resolve'
  const at = wait === 'acknowledge' ? alert.acknowledge_by : alert.resolve_by
  return at ? { wait, at, leftMs: Date.parse(at) - nowMs } : null
}

export type Urgency = 'calm' | 'soon' | 'overdue'

/** The server says what is overdue; where its word is still on the way, the clock does. */
export function urgencyOf(alert: Alert, nowMs: number): Urgency {
  const due = dueOf(alert, nowMs)
  if (isOpen(alert) && (alert.overdue || (due !== null && due.leftMs <= 0))) return 'overdue'
  return due !== null && due.leftMs <= SOON_MS ? 'soon' : 'calm'
}

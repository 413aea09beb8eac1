import type { Alert } from '@/api/alert'
import { isAt, type Stage } from '@/alerts/stage'

/** Which alerts a list shows to the person with that id; a camera of null is all. */
export interface QueueFilter {
  stage: Stage
  userId: string
  cameraId: string | null
}

/** The list with a newly raised alert, newest first. One that came before (delivered twice) changes nothing. */
export function withRaised(list: readonly Alert[], alert: Alert, filter: QueueFilter): Alert[] {
  if (!fits(alert, filter) || list.some((one) => one.id === alert.id)) return [...list]
  const place = list.findIndex((one) => isNewer(alert, one))
  return place < 0 ? [...list, alert] : list.toSpliced(place, 0, alert)
}

/** The list after an alert changed. It keeps its place even where it no longer fits the filter: nothing jumps under the
 * operator's hand, and the next reading of the list leaves it out. */
export function withUpdated(list: readonly Alert[], alert: Alert): Alert[] {
  return list.map((one) => (one.id === alert.id ? alert : one))
}

/** A list that was read while news came in: it may be older than they are. What was raised is added, what changed is
 * shown as it was heard of last. */
export function withNews(list: readonly Alert[], raised: Iterable<Alert>, changed: Iterable<Alert>, filter: QueueFilter): Alert[] {
  let shown = [...list]
  for (const alert of raised) shown = withRaised(shown, alert, filter)
  for (const alert of changed) shown = withUpdated(shown, alert)
  return shown
}

/** The alert `step` places away from the selected one; the first when nothing is selected, null in an empty list. */
export function neighbour(list: readonly Alert[], selectedId: string | null, step: number): Alert | null {
  const index = list.findIndex((one) => one.id === selectedId)
  const next = index < 0 ? 0 : Math.min(list.length - 1, Math.max(0, index + step))
  return list[next] ?? null
}

/** For each camera its gravest new alert raised within the last `windowMs`, for the light around its tile. */
export function litCameras(list: readonly Alert[], now: number, windowMs: number): Map<string, Alert> {
  const lit = new Map<string, Alert>()
  for (const alert of list) {
    if (alert.state !== 'NEW' || now - Date.parse(alert.raised_at) > windowMs) continue
    const other = lit.get(alert.camera_id)
    if (other === undefined || GRAVITY[alert.severity] > GRAVITY[other.severity]) lit.set(alert.camera_id, alert)
  }
  return lit
}

const GRAVITY = { low: 0, medium: 1, high: 2 } as const

function fits(alert: Alert, filter: QueueFilter): boolean {
  return isAt(alert, filter.stage, filter.userId) && (filter.cameraId ?? alert.camera_id) === alert.camera_id
}

function isNewer(alert: Alert, other: Alert): boolean {
  return Date.parse(alert.raised_at) >= Date.parse(other.raised_at)
}

import type { Alert } from '@/api/alert'
import { isAt, type Stage } from '@/alerts/stage'

/** Which alerts a list shows to the person with that id; a camera of null is all. A folded list shows each incident as
 * its first alert. */
export interface QueueFilter {
  stage: Stage
  userId: string
  cameraId: string | null
  isFolded: boolean
}

/** Something heard of an alert: that it was raised, or that it is now like this. */
export interface News {
  isRaised: boolean
  alert: Alert
}

/** The list after news in their order, newest alert first; the same list when none of them concerns it. What was
 * delivered twice changes nothing. An alert that changed keeps its place even where it no longer fits the filter:
 * nothing jumps under the operator's hand, and the next reading of the list leaves it out. */
export function withNews(list: readonly Alert[], news: readonly News[], filter: QueueFilter): readonly Alert[] {
  const shown = [...list]
  const changed = new Map<string, Alert>()
  let isSame = true
  for (const { isRaised, alert } of news) {
    if (!isRaised) changed.set(alert.id, alert)
    else if (takeIn(shown, alert, filter)) isSame = false
  }
  if (changed.size > 0 && putAll(shown, changed)) isSame = false
  return isSame ? list : shown
}

/** The alert `step` places away from the selected one; the first when nothing is selected, null in an empty list. */
export function neighbour(list: readonly Alert[], selectedId: string | null, step: number): Alert | null {
  const index = list.findIndex((one) => one.id === selectedId)
  const next = index < 0 ? 0 : Math.min(list.length - 1, Math.max(0, index + step))
  return list[next] ?? null
}

/** For each camera its gravest new alert raised, again perhaps, within the last `windowMs`: the light around its tile. */
export function litCameras(list: readonly Alert[], now: number, windowMs: number): Map<string, Alert> {
  const lit = new Map<string, Alert>()
  for (const alert of list) {
    if (alert.state !== 'NEW' || now - Date.parse(alert.last_at) > windowMs) continue
    const other = lit.get(alert.camera_id)
    if (other === undefined || GRAVITY[alert.severity] > GRAVITY[other.severity]) lit.set(alert.camera_id, alert)
  }
  return lit
}

export const GRAVITY = { low: 0, medium: 1, high: 2 } as const

/** Whether it repeats an incident that an earlier alert has begun. */
export const isRepeat = (alert: Alert): boolean => alert.incident_id !== alert.id

function takeIn(shown: Alert[], alert: Alert, filter: QueueFilter): boolean {
  if (filter.isFolded && isRepeat(alert)) return foldIn(shown, alert)
  if (!fits(alert, filter) || shown.some((one) => one.id === alert.id)) return false
  const place = shown.findIndex((one) => isNewer(alert, one))
  if (place < 0) shown.push(alert)
  else shown.splice(place, 0, alert)
  return true
}

/** A repeat says as the how many-th it came, so that one which is heard twice, or was counted by a list that was read
 * meanwhile, changes nothing. */
function foldIn(shown: Alert[], { incident_id, repeats, raised_at }: Alert): boolean {
  const place = shown.findIndex((one) => one.id === incident_id)
  const first = shown[place]
  if (first === undefined || first.repeats >= repeats) return false
  shown[place] = { ...first, repeats, last_at: raised_at }
  return true
}

function putAll(shown: Alert[], changed: ReadonlyMap<string, Alert>): boolean {
  let isAny = false
  shown.forEach((one, place) => {
    const now = changed.get(one.id)
    if (now === undefined) return
    shown[place] = now.repeats < one.repeats ? { ...now, repeats: one.repeats, last_at: one.last_at } : now
    isAny = true
  })
  return isAny
}

function fits(alert: Alert, filter: QueueFilter): boolean {
  return isAt(alert, filter.stage, filter.userId) && (filter.cameraId ?? alert.camera_id) === alert.camera_id
}

function isNewer(alert: Alert, other: Alert): boolean {
  return Date.parse(alert.raised_at) >= Date.parse(other.raised_at)
}

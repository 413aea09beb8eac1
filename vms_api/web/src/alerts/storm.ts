import type { Alert } from '@/api/alert'

/** More alerts within a minute than one person can look at. */
const MANY = 60
const WINDOW_MS = 60_000

/** An alert that came in, as much of it as a storm is told by. */
export interface Arrival {
  atMs: number
  cameraName: string
}

export interface Storm {
  count: number
  /** The camera that most of it comes from, and how many. */
  cameraName: string
  cameraCount: number
}

export const arrivalOf = (alert: Alert, atMs: number): Arrival => ({ atMs, cameraName: alert.camera_name })

/** Those of the last minute; `arrivals` is in order of time. */
export function recent(arrivals: readonly Arrival[], nowMs: number): readonly Arrival[] {
  const first = arrivals.findIndex(({ atMs }) => nowMs - atMs < WINDOW_MS)
  return first < 0 ? [] : arrivals.slice(first)
}

/** What is said of so many alerts within a minute; null while there are few. */
export function stormOf(arrivals: readonly Arrival[]): Storm | null {
  if (arrivals.length < MANY) return null
  const counts = new Map<string, number>()
  for (const { cameraName } of arrivals) counts.set(cameraName, (counts.get(cameraName) ?? 0) + 1)
  const [cameraName, cameraCount] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))
  return { count: arrivals.length, cameraName, cameraCount }
}

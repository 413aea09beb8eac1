/** More alerts within a minute than one person can look at. */
const MANY = 60
const WINDOW_MS = 60_000

/** An alert that came in, as much of it as a storm is told by. */
export interface Arrival {
  atMs: number
  cameraName: string
}

export interface Storm {
  /** Within the last minute. */
  count: number
  /** The camera that most of it comes from, and how many. */
  cameraName: string
  cameraCount: number
}

/** Those of the last minute; `arrivals` is in order of time. */
export function recent<T extends { atMs: number }>(arrivals: readonly T[], nowMs: number): readonly T[] {
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

/** What the server told of a rule in a storm, of which pages hear only the count. */
export interface Told {
  atMs: number
  cameraName: string
  perMinute: number
}

/** The storm with what was told: those alerts did not come in one by one. */
export function withTold(storm: Storm | null, told: readonly Told[]): Storm | null {
  if (told.length === 0) return storm
  const worst = told.reduce((most, one) => (one.perMinute > most.perMinute ? one : most))
  if (storm !== null && storm.cameraCount >= worst.perMinute) return storm
  return { count: Math.max(storm?.count ?? 0, worst.perMinute), cameraName: worst.cameraName, cameraCount: worst.perMinute }
}

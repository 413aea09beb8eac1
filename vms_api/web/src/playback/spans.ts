import type { AlertMark, Span, SpanKind } from '@/api/recording'

/** A span of the timeline in Unix milliseconds; `to` is the first moment after it. */
export interface Stretch {
  kind: SpanKind
  from: number
  to: number
  reason: string | null
  damaged: boolean
  event: boolean
}

export interface Mark {
  id: string
  at: number
  severity: AlertMark['severity']
  kind: AlertMark['kind']
}

/** In order of time, which everything below relies on. */
export const stretchesOf = (spans: readonly Span[]): Stretch[] =>
  spans
    .map((span) => ({ ...span, from: Date.parse(span.from), to: Date.parse(span.to) }))
    .toSorted((one, other) => one.from - other.from)

export const marksOf = (alerts: readonly AlertMark[]): Mark[] =>
  alerts.map((alert) => ({ ...alert, at: Date.parse(alert.at) })).toSorted((one, other) => one.at - other.at)

/** The stretch that holds the moment. */
export function stretchAt(stretches: readonly Stretch[], atMs: number): Stretch | null {
  let [low, high] = [0, stretches.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const stretch = stretches[middle]
    if (stretch === undefined || (stretch.from <= atMs && atMs < stretch.to)) return stretch ?? null
    if (atMs < stretch.from) high = middle - 1
    else low = middle + 1
  }
  return null
}

const isPlayable = ({ kind }: Stretch): boolean => kind === 'recorded'

/** Where playing can go on at or after the moment, over all cameras; null where nothing comes any more. */
export function nextRecorded(cameras: readonly (readonly Stretch[])[], atMs: number): number | null {
  const starts = cameras.flatMap((stretches) => {
    const next = stretches.find((stretch) => isPlayable(stretch) && stretch.to > atMs)
    return next === undefined ? [] : [Math.max(atMs, next.from)]
  })
  return starts.length === 0 ? null : Math.min(...starts)
}

/** The begin of the next recording after a gap, for the key that jumps there. */
export function nextBegin(cameras: readonly (readonly Stretch[])[], atMs: number): number | null {
  const begins = cameras.flatMap(runsOf).filter(({ from }) => from > atMs + 1)
  return begins.length === 0 ? null : Math.min(...begins.map(({ from }) => from))
}

/** The begin of the recording that plays, or of the one before where that began just now. */
export function lastBegin(cameras: readonly (readonly Stretch[])[], atMs: number): number | null {
  const begins = cameras.flatMap(runsOf).filter(({ from }) => from < atMs - 2000)
  return begins.length === 0 ? null : Math.max(...begins.map(({ from }) => from))
}

/** Recorded stretches that touch are one recording to who looks for its begin. */
export function runsOf(stretches: readonly Stretch[]): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = []
  for (const { from, to } of stretches.filter(isPlayable)) {
    const last = runs.at(-1)
    if (last !== undefined && from - last.to <= 1000) last.to = Math.max(last.to, to)
    else runs.push({ from, to })
  }
  return runs
}

/** What cannot be seen of a range: gaps, what is withheld, and recordings that are damaged. */
export const flawsIn = (stretches: readonly Stretch[], fromMs: number, toMs: number): Stretch[] =>
  stretches
    .filter(({ kind, damaged, from, to }) => (kind === 'gap' || kind === 'withheld' || damaged) && from < toMs && to > fromMs)
    .map((stretch) => ({ ...stretch, from: Math.max(fromMs, stretch.from), to: Math.min(toMs, stretch.to) }))

/** The mark nearest to the moment within `reachMs`. */
export function markNear(marks: readonly Mark[], atMs: number, reachMs: number): Mark | null {
  const near = marks.filter(({ at }) => Math.abs(at - atMs) <= reachMs)
  return near.toSorted((one, other) => Math.abs(one.at - atMs) - Math.abs(other.at - atMs))[0] ?? null
}

/** The part of time that the timeline shows: Unix milliseconds over a width in CSS pixels. Moments grow to the right. */
export interface TimeScale {
  fromMs: number
  toMs: number
  width: number
}

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** From a look at single seconds to a month. */
export const SHORTEST_MS = 10 * SECOND
export const LONGEST_MS = 31 * DAY

/** A mark on the axis; `isDay` begins a day of the reader's clock. */
export interface Tick {
  atMs: number
  isDay: boolean
}

export interface Ticks {
  stepMs: number
  marks: Tick[]
}

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((s) => s * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((m) => m * MINUTE),
  ...[1, 2, 3, 6, 12].map((h) => h * HOUR),
  ...[1, 2, 7].map((d) => d * DAY),
]

export const lengthOf = (scale: TimeScale): number => scale.toMs - scale.fromMs
export const xOf = (scale: TimeScale, atMs: number): number => ((atMs - scale.fromMs) / lengthOf(scale)) * scale.width
export const timeOf = (scale: TimeScale, x: number): number => scale.fromMs + (x / scale.width) * lengthOf(scale)
export const msPerPixel = (scale: TimeScale): number => lengthOf(scale) / Math.max(1, scale.width)

/** Longer (factor above 1) or shorter, with the moment below `x` staying where it is. */
export function zoomed(scale: TimeScale, factor: number, x: number): TimeScale {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, lengthOf(scale) * factor))
  const anchor = timeOf(scale, x)
  const fromMs = anchor - (x / scale.width) * length
  return { ...scale, fromMs, toMs: fromMs + length }
}

/** Moved by pixels: a positive way shows what comes later. */
export function panned(scale: TimeScale, pixels: number): TimeScale {
  const by = pixels * msPerPixel(scale)
  return { ...scale, fromMs: scale.fromMs + by, toMs: scale.toMs + by }
}

/** The same length so that the moment is in view; unchanged where it is. A moment that ran out at the right comes back
 * near the left, so that a playing head does not push the picture along all the time. */
export function revealing(scale: TimeScale, atMs: number): TimeScale {
  if (atMs >= scale.fromMs && atMs <= scale.toMs) return scale
  const fromMs = atMs - lengthOf(scale) * 0.1
  return { ...scale, fromMs, toMs: fromMs + lengthOf(scale) }
}

/** Marks on round times of the reader's clock, at least `leastPx` apart. `zoneOffsetMs` is what the reader's clock is
 * ahead of UTC. Where that changes (summer time) marks follow the offset of the range's begin. */
export function ticks(scale: TimeScale, leastPx: number, zoneOffsetMs: number): Ticks {
  const least = leastPx * msPerPixel(scale)
  const stepMs = STEPS.find((step) => step >= least) ?? STEPS.at(-1) ?? DAY
  const marks: Tick[] = []
  const first = Math.ceil((scale.fromMs + zoneOffsetMs) / stepMs) * stepMs
  for (let local = first; local - zoneOffsetMs <= scale.toMs; local += stepMs) {
    marks.push({ atMs: local - zoneOffsetMs, isDay: local % DAY === 0 })
  }
  return { stepMs, marks }
}

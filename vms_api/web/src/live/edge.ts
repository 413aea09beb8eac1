/** Where a player of fragments is: media seconds. `interval` is the time between pictures, `margin` what the line has
 * shown to need on top. */
export interface EdgeFacts {
  start: number
  end: number
  position: number
  interval: number
  margin: number
}

export interface EdgeStep {
  seekTo: number | null
  rate: number
  /** What lies before this moment is not needed any more; null while there is little of it. */
  trimTo: number | null
}

const TOO_NEAR = 0.01
const WELL = 0.02
const TOO_FAR = 0.04
const FAR = 0.1
const LOST = 0.6
const KEPT_S = 5
const TRIMMED_FROM_S = 12
const FIRST_MARGIN = 0
const LARGEST_MARGIN = 0.5

/** Keeps a live picture at its edge: plays a little slower when the next picture may come too late, a little faster when
 * it has fallen behind, and jumps when it is far behind or where nothing is to be played. */
export function edgeStep({ start, end, position, interval, margin }: EdgeFacts): EdgeStep {
  const behind = end - position
  const needed = interval + margin
  const isAdrift = position < start || behind < -interval || behind > Math.max(LOST, 3 * interval) + margin
  const trimTo = position - start > TRIMMED_FROM_S ? position - KEPT_S : null
  if (isAdrift) return { seekTo: Math.max(start, end - needed - WELL), rate: 1, trimTo: null }
  if (behind > needed + TOO_FAR) return { seekTo: null, rate: behind > needed + FAR ? 1.1 : 1.05, trimTo }
  return { seekTo: null, rate: behind < needed + TOO_NEAR ? 0.9 : 1, trimTo }
}

/** How much a line needs beyond the interval between pictures: grows when the picture had to wait for data, and shrinks
 * slowly, so that a good line stays at the edge and a bad one does not stutter. Times are monotonic milliseconds. */
export class EdgeMargin {
  #margin = FIRST_MARGIN
  #changedAt = Number.NaN

  at(now: number): number {
    if (now - this.#changedAt > 10_000) {
      this.#margin = this.#margin < 0.01 ? 0 : this.#margin * 0.8
      this.#changedAt = now
    }
    return this.#margin
  }

  starved(now: number): void {
    this.#margin = Math.min(LARGEST_MARGIN, Math.max(0.03, this.#margin * 1.5))
    this.#changedAt = now
  }
}

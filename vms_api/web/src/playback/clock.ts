/** The one wall-time base of all pictures that are played together. Wall times are Unix ms, `tick` is monotonic ms. */
export interface PlaybackClock {
  anchorMs: number
  anchorTick: number
  speed: number
  isRunning: boolean
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const

/** Above this speed the server sends key frames alone. */
export const FASTEST_WITH_ALL_FRAMES = 4

export const stoppedAt = (atMs: number, speed = 1): PlaybackClock => ({ anchorMs: atMs, anchorTick: 0, speed, isRunning: false })

/** The moment that is to be seen. */
export const momentOf = ({ anchorMs, anchorTick, speed, isRunning }: PlaybackClock, tick: number): number =>
  isRunning ? anchorMs + (tick - anchorTick) * speed : anchorMs

export const running = (clock: PlaybackClock, tick: number): PlaybackClock => ({
  ...clock,
  anchorMs: momentOf(clock, tick),
  anchorTick: tick,
  isRunning: true,
})

export const paused = (clock: PlaybackClock, tick: number): PlaybackClock => ({ ...clock, anchorMs: momentOf(clock, tick), isRunning: false })

export const movedTo = (clock: PlaybackClock, atMs: number, tick: number): PlaybackClock => ({ ...clock, anchorMs: atMs, anchorTick: tick })

export const atSpeed = (clock: PlaybackClock, speed: number, tick: number): PlaybackClock => ({
  ...movedTo(clock, momentOf(clock, tick), tick),
  speed,
})

/** What a picture does to be where the clock is. */
export type Correction = { kind: 'none' } | { kind: 'rate'; rate: number } | { kind: 'seek' }

/** A drift below this is not seen; one above the second is seeked over, and what lies between is made up by the rate. */
const UNSEEN_S = 0.06
const TOO_FAR_S = 0.75
const NUDGE = 0.08

/** `driftS` is how far the picture is ahead of the clock, in seconds of media. A faster clock drifts faster, so the
 * bounds grow with the speed. */
export function correctionFor(driftS: number, speed: number): Correction {
  const unit = Math.max(1, speed)
  const off = Math.abs(driftS)
  if (off > TOO_FAR_S * unit) return { kind: 'seek' }
  if (off <= UNSEEN_S * unit) return { kind: 'none' }
  return { kind: 'rate', rate: speed * (1 - Math.sign(driftS) * NUDGE) }
}

/** A part of the playlist: from which wall time it shows what, and where that lies in the media. */
export interface Piece {
  wallMs: number
  mediaS: number
  durationS: number
}

/** Half the length of a frame is no hole between two pieces. */
const JOIN_MS = 300

/** Where the moment lies in the media; null where nothing was recorded. */
export function mediaTimeOf(pieces: readonly Piece[], atMs: number): number | null {
  let [low, high] = [0, pieces.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((pieces[middle]?.wallMs ?? Infinity) <= atMs) low = middle
    else high = middle - 1
  }
  const piece = pieces[low]
  if (piece === undefined) return null
  const intoS = (atMs - piece.wallMs) / 1000
  if (intoS < -JOIN_MS / 1000 || intoS > piece.durationS + JOIN_MS / 1000) return null
  return piece.mediaS + Math.min(Math.max(0, intoS), Math.max(0, piece.durationS - 0.001))
}

/** Running totals of a WebRTC connection, as the browser counts them, and its present round trip in seconds. */
export interface LineCounts {
  received: number
  lost: number
  freezes: number
  roundTripS: number
}

/** Reads what matters from the browser's statistics (W3C webrtc-stats: inbound-rtp, candidate-pair). */
export function strainOf(report: Iterable<[string, unknown]>): LineCounts {
  const counts: LineCounts = { received: 0, lost: 0, freezes: 0, roundTripS: 0 }
  for (const [, entry] of report) {
    const one = entry as Record<string, unknown>
    if (one.type === 'inbound-rtp' && one.kind === 'video') {
      counts.received = number(one.packetsReceived)
      counts.lost = number(one.packetsLost)
      counts.freezes = number(one.freezeCount)
    } else if (one.type === 'candidate-pair' && one.nominated === true) {
      counts.roundTripS = number(one.currentRoundTripTime)
    }
  }
  return counts
}

const WEIGHED_EVERY_MS = 2_000
const HEAVY_LOSS = 0.05
const LONG_ROUND_TRIP_S = 0.8
const BAD_IN_A_ROW = 2
const FIRST_REST_MS = 30_000
const LONGEST_REST_MS = 300_000

/** Decides when a line is too thin for the stream it carries. Two bad looks in a row say so, and it stays said for half a
 * minute, for longer each time it comes back soon: else a tile would swing to and fro. Times are monotonic milliseconds. */
export class LineStrain {
  readonly #onChange: (isStrained: boolean) => void
  #before: LineCounts | null = null
  #weighedAt = Number.NEGATIVE_INFINITY
  #badCount = 0
  #until: number | null = null
  #restMs = FIRST_REST_MS
  #easedAt = Number.NEGATIVE_INFINITY

  constructor(onChange: (isStrained: boolean) => void) {
    this.#onChange = onChange
  }

  weigh(counts: LineCounts, now: number): void {
    if (now - this.#weighedAt < WEIGHED_EVERY_MS) return
    const before = this.#before
    this.#weighedAt = now
    this.#before = counts
    if (before === null || counts.received < before.received) return // Another connection.
    const [lost, received] = [counts.lost - before.lost, counts.received - before.received]
    const isLossy = lost > HEAVY_LOSS * Math.max(1, lost + received)
    this.note(isLossy || counts.freezes > before.freezes || counts.roundTripS > LONG_ROUND_TRIP_S, now)
  }

  note(isBad: boolean, now: number): void {
    this.#badCount = isBad ? this.#badCount + 1 : 0
    if (this.#badCount < BAD_IN_A_ROW) return
    this.#badCount = 0
    if (this.#until === null) {
      const cameBackSoon = now - this.#easedAt < 2 * LONGEST_REST_MS
      this.#restMs = cameBackSoon ? Math.min(LONGEST_REST_MS, this.#restMs * 2) : FIRST_REST_MS
      this.#until = now + this.#restMs
      this.#onChange(true)
    } else {
      this.#until = now + this.#restMs
    }
  }

  /** Says that the line may be tried again, once its time has come. */
  ease(now: number): void {
    if (this.#until === null || now < this.#until) return
    this.#until = null
    this.#easedAt = now
    this.#onChange(false)
  }
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

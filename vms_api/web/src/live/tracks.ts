export interface TrackBox {
  id: number
  label: string
  score: number
  box: readonly [left: number, top: number, right: number, bottom: number]
  state: string
}

/** The boxes of one analysed frame. `rtp` is that frame's timestamp in this view, where the node knows it. */
export interface TrackMessage {
  t: number
  rtp?: number
  outcome: 'analysed' | 'gated' | 'skipped' | 'failed'
  tracks: TrackBox[]
}

const CLOCK_HZ = 90_000
const KEPT = 64
const FRESH_S = 1

/** The boxes of the last seconds. They belong to the frame with their RTP timestamp; where either side does not tell it
 * the newest boxes have to do, for a second after they arrived. */
export class TrackBuffer {
  #messages: (TrackMessage & { arrivedAt: number })[] = []

  /** `now` is in monotonic milliseconds. */
  push(text: string, now: number): void {
    const message = parse(text)
    if (message === null) return
    this.#messages.push({ ...message, arrivedAt: now })
    if (this.#messages.length > KEPT) this.#messages.shift()
  }

  /** The boxes for the frame on the screen: the newest that are not of the future and not older than a second. */
  at(rtp: number | null, now: number): TrackBox[] {
    const newest = this.#messages.at(-1)
    if (newest === undefined) return []
    if (rtp === null || newest.rtp === undefined) return now - newest.arrivedAt <= FRESH_S * 1000 ? newest.tracks : []
    const ageS = (one: TrackMessage) => (one.rtp === undefined ? -1 : rtpSeconds(one.rtp, rtp))
    const message = this.#messages.findLast((one) => ageS(one) >= 0)
    return message !== undefined && ageS(message) <= FRESH_S ? message.tracks : []
  }

  clear(): void {
    this.#messages = []
  }
}

/** Seconds from one 32-bit RTP timestamp to another, across the wrap (RFC 3550, 5.1); negative when `to` is earlier. */
export function rtpSeconds(from: number, to: number): number {
  return ((to - from) | 0) / CLOCK_HZ
}

function parse(text: string): TrackMessage | null {
  try {
    const message = JSON.parse(text) as TrackMessage
    return Array.isArray(message.tracks) ? message : null
  } catch {
    return null // The channel is unreliable by choice; a message that cannot be read is one that was lost.
  }
}

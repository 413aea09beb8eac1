export interface TrackBox {
  id: number
  label: string
  score: number
  box: readonly [left: number, top: number, right: number, bottom: number]
  state: string
}

export interface TrackMessage {
  t: number
  rtp: number
  outcome: 'analysed' | 'gated' | 'skipped' | 'failed'
  tracks: TrackBox[]
}

const CLOCK_HZ = 90_000
const KEPT = 64
const FRESH_S = 1

/** The boxes of the last seconds, found again by the RTP timestamp of the frame on the screen. */
export class TrackBuffer {
  #messages: TrackMessage[] = []

  push(text: string): void {
    const message = parse(text)
    if (message === null) return
    this.#messages.push(message)
    if (this.#messages.length > KEPT) this.#messages.shift()
  }

  /** The newest boxes that are not of the future and not older than a second. Without a timestamp (a browser that
   * does not tell it) the newest boxes have to do. */
  at(rtp: number | null): TrackBox[] {
    if (rtp === null) return this.#messages.at(-1)?.tracks ?? []
    const message = this.#messages.findLast((one) => rtpSeconds(one.rtp, rtp) >= 0)
    return message !== undefined && rtpSeconds(message.rtp, rtp) <= FRESH_S ? message.tracks : []
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
    return Array.isArray(message.tracks) && typeof message.rtp === 'number' ? message : null
  } catch {
    return null // The channel is unreliable by choice; a message that cannot be read is one that was lost.
  }
}

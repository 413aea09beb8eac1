import { isHeardAt } from '@/api/camera'
import { readProblem, unreachable } from '@/api/problem'

/** The part of RTCPeerConnection that a session uses, so that a test can stand in for the browser. */
export type Peer = Pick<
  RTCPeerConnection,
  | 'addTransceiver'
  | 'createDataChannel'
  | 'createOffer'
  | 'setLocalDescription'
  | 'setRemoteDescription'
  | 'localDescription'
  | 'iceGatheringState'
  | 'connectionState'
  | 'addEventListener'
  | 'getStats'
  | 'close'
>

/** A WebSocket's voice. `onClose` is called once, however it ended. */
export interface SocketEars {
  onText(text: string): void
  onPiece(piece: ArrayBuffer): void
  onClose(): void
}

export interface Socket {
  send(text: string): void
  close(): void
}

/** What a session needs of the browser. */
export interface Browser {
  createPeer(): Peer
  fetch(address: string, init: RequestInit): Promise<Response>
  openSocket(path: string, ears: SocketEars): Socket
  /** Whether fragments of this codec can be played (RFC 6381); of none where the browser has no Media Source Extensions. */
  plays(codec: string): boolean
  /** Monotonic milliseconds. */
  now(): number
  /** Calls `act` once after `ms` milliseconds; the answer cancels it. */
  after(ms: number, act: () => void): () => void
  /** 0 to 1. */
  random(): number
  isHidden(): boolean
}

/** What a session tells its player. */
export interface SessionEars {
  onStream(stream: MediaStream): void
  onTracks(text: string): void
  onLost(): void
}

export const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

// Host candidates are known within milliseconds and there is no STUN server to wait for. Where a browser hides its
// addresses behind mDNS names the registration may take longer: the node then learns the address from the first check.
const CANDIDATES_MS = 150

/** One WHEP session (draft-ietf-wish-whep-04): offer by POST, answer in the 201, ended by DELETE of its Location. */
export class WhepSession {
  readonly #browser: Browser
  readonly #peer: Peer
  #location: string | null = null
  #isClosed = false
  #postedAt = Number.NaN

  constructor(browser: Browser, ears: SessionEars) {
    this.#browser = browser
    this.#peer = browser.createPeer()
    // What a camera sees is shown when it is there. Chromium is told so by the pictures too, others by this alone.
    this.#peer.addTransceiver('video', { direction: 'recvonly' }).receiver.jitterBufferTarget = 0
    // Boxes of a moment ago are worth nothing, so a lost message is never sent again (contract: label `tracks`).
    const tracks = this.#peer.createDataChannel('tracks', { ordered: false, maxRetransmits: 0 })
    tracks.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (typeof event.data === 'string' && !this.#isClosed) ears.onTracks(event.data)
    })
    this.#peer.addEventListener('track', (event) => {
      if (!this.#isClosed) ears.onStream(event.streams[0] ?? new MediaStream([event.track]))
    })
    this.#peer.addEventListener('connectionstatechange', () => {
      const isOver = ['failed', 'closed'].includes(this.#peer.connectionState)
      if (isOver && !this.#isClosed) ears.onLost()
    })
  }

  /** What the browser has counted of the connection. */
  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats()
  }

  /** When the offer was posted, in the browser's monotonic milliseconds; NaN before. */
  get postedAt(): number {
    return this.#postedAt
  }

  /** Negotiates with the server; throws `ApiError` when it refuses or does not answer. */
  async open(address: string): Promise<void> {
    if (isHeardAt(address)) this.#peer.addTransceiver('audio', { direction: 'recvonly' })
    await this.#peer.setLocalDescription(await this.#peer.createOffer())
    await this.#gathered()
    if (this.#isClosed) return
    const answer = await this.#post(address, this.#peer.localDescription?.sdp ?? '')
    if (this.#isClosed) this.#end() // Closed while the server answered: its session must not linger.
    else await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#peer.close()
    this.#end()
  }

  async #post(address: string, sdp: string): Promise<string> {
    this.#postedAt = this.#browser.now()
    const response = await this.#request(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: sdp,
    })
    if (response.status !== 201) throw await readProblem(response)
    this.#location = response.headers.get('Location')
    return response.text()
  }

  async #request(address: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#browser.fetch(address, { ...init, credentials: 'same-origin' })
    } catch {
      throw unreachable() // fetch rejects only when no answer came.
    }
  }

  #end(): void {
    if (this.#location === null) return
    const location = this.#location
    this.#location = null
    // keepalive: the request outlives a closing tab. If it is lost, the node ends the session by its ICE time-out.
    this.#request(location, { method: 'DELETE', keepalive: true }).catch(() => undefined)
  }

  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#peer.iceGatheringState === 'complete') return resolve()
      const cancel = this.#browser.after(CANDIDATES_MS, resolve)
      this.#peer.addEventListener('icegatheringstatechange', () => {
        if (this.#peer.iceGatheringState !== 'complete') return
        cancel()
        resolve()
      })
    })
  }
}

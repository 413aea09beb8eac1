import type { Feed } from '@/live/mse'
import type { Browser, Peer, Socket, SocketEars } from '@/live/session'
import type { Surface } from '@/live/surface'

interface Timer {
  at: number
  act: () => void
}

/** A browser with a clock of its own: nothing happens until `advance` is called. */
export class FakeBrowser implements Browser {
  readonly peers: FakePeer[] = []
  readonly requests: { address: string; method: string }[] = []
  answers: (() => Response)[] = []
  hidden = false
  /** Codecs that can be played as fragments, by their first four letters. */
  codecs: string[] = []
  readonly sockets: FakeSocket[] = []
  /** The server answers no earlier than this. */
  answersAfter: Promise<void> = Promise.resolve()
  #now = 1_000
  #timers: Timer[] = []

  createPeer(): Peer {
    const peer = new FakePeer()
    this.peers.push(peer)
    return peer as unknown as Peer
  }

  async fetch(address: string, init: RequestInit): Promise<Response> {
    this.requests.push({ address, method: init.method ?? 'GET' })
    if (init.method === 'DELETE') return new Response(null, { status: 204 })
    await this.answersAfter
    const answer = this.answers.shift()
    if (answer === undefined) throw new TypeError('network down')
    return answer()
  }

  openSocket(path: string, ears: SocketEars): Socket {
    const socket = new FakeSocket(path, ears)
    this.sockets.push(socket)
    return socket
  }

  plays = (codec: string): boolean => this.codecs.includes(codec.slice(0, 4))
  now = (): number => this.#now

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + ms, act }
    this.#timers.push(timer)
    return () => (this.#timers = this.#timers.filter((one) => one !== timer))
  }

  random = (): number => 0.5
  isHidden = (): boolean => this.hidden

  posts(): string[] {
    return this.requests.filter(({ method }) => method === 'POST').map(({ address }) => address)
  }

  /** Lets time pass in steps, so that timers see the time they were set for. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== due)
      this.#now = Math.max(this.#now, due.at)
      due.act()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** A socket that says what the test has it say. */
export class FakeSocket implements Socket {
  readonly sent: string[] = []
  isClosed = false

  constructor(
    readonly path: string,
    readonly ears: SocketEars,
  ) {}

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.isClosed = true
  }

  start(codec = 'avc1.42e01f'): void {
    this.ears.onText(JSON.stringify({ type: 'start', codec, rung: 'passed', stream: 'main', reason: null }))
    this.ears.onPiece(new ArrayBuffer(1))
  }

  picture(): void {
    this.ears.onPiece(new ArrayBuffer(2))
  }
}

/** A peer connection that negotiates at once and says what it is told to say. */
export class FakePeer extends EventTarget {
  readonly channels: { label: string; init: RTCDataChannelInit | undefined; target: EventTarget }[] = []
  localDescription: { sdp: string } | null = null
  iceGatheringState = 'complete'
  connectionState = 'new'
  isClosed = false
  readonly receiver: Partial<RTCRtpReceiver> = {}

  addTransceiver(): RTCRtpTransceiver {
    return { receiver: this.receiver } as RTCRtpTransceiver
  }

  createDataChannel(label: string, init?: RTCDataChannelInit): EventTarget {
    const target = new EventTarget()
    this.channels.push({ label, init, target })
    return target
  }

  async createOffer(): Promise<{ sdp: string }> {
    return { sdp: 'offer' }
  }

  async setLocalDescription(offer: { sdp: string }): Promise<void> {
    this.localDescription = offer
  }

  async setRemoteDescription(): Promise<void> {
    this.connectionState = 'connected'
    const event = Object.assign(new Event('track'), { streams: [{}], track: {} })
    this.dispatchEvent(event)
  }

  readonly stats = new Map<string, unknown>()

  async getStats(): Promise<Map<string, unknown>> {
    return new Map(this.stats)
  }

  fail(): void {
    this.connectionState = 'failed'
    this.dispatchEvent(new Event('connectionstatechange'))
  }

  close(): void {
    this.isClosed = true
  }
}

/** A surface whose frames come when the test says so. */
export class FakeSurface implements Surface {
  #onFrame: ((rtp: number | null) => void) | null = null
  isCleared = false

  show(_stream: MediaStream, onFrame: (rtp: number | null) => void): void {
    this.#onFrame = onFrame
  }

  readonly fed: (string | number)[] = []

  showFragments(onFrame: () => void): Feed {
    this.#onFrame = onFrame
    return { begin: (codec) => this.fed.push(codec), append: (piece) => this.fed.push(piece.byteLength), close: () => this.fed.push('closed') }
  }

  freeze(): void {
    this.#onFrame = null
  }

  clear(): void {
    this.#onFrame = null
    this.isCleared = true
  }

  frame(rtp: number | null = null): void {
    this.#onFrame?.(rtp)
  }
}

export const created = (view = 'v1'): Response =>
  new Response('answer', { status: 201, headers: { Location: `/api/v1/cameras/c/whep/${view}` } })

export const offered = (how: object = { rung: 'passed', reason: null }): Response =>
  new Response(JSON.stringify({ view: 'm1', address: '/api/v1/cameras/c/live/m1', stream: 'main', ...how }), { status: 201 })

export const refused = (status: number, code: string, retryAfterS?: number): Response =>
  new Response(JSON.stringify({ status, code }), {
    status,
    headers: retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) },
  })

/** Lets everything that is already decided happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
}

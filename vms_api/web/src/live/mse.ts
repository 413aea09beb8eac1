import { readProblem, unreachable } from '@/api/problem'
import { isRecord, type Browser, type SessionEars, type Socket } from '@/live/session'

/** How pictures come to this player and why not as the camera sends them, as the server tells it. */
export interface Fragments {
  rung: string
  reason: string | null
}

interface View extends Fragments {
  view: string
  address: string
}

export interface MseEars extends Pick<SessionEars, 'onTracks' | 'onLost'> {
  /** The first picture is here and the browser can play it. */
  onReady(how: Fragments): void
  /** The line is too slow and pictures were left out. */
  onSkipped(): void
}

/** Where fragments go once a session is to be shown. */
export interface Feed {
  begin(codec: string): void
  append(piece: ArrayBuffer): void
  close(): void
}

const TOLD_EVERY = 5
// A wall that is opened in a busy moment may need this much before the first picture; then it goes to the video anyway.
const MOST_KEPT = 2_000

/** One view by fragments: asked for by POST, carried by a WebSocket, ended by closing it. What comes before somebody
 * takes it is kept. */
export class MseSession {
  readonly #browser: Browser
  readonly #ears: MseEars
  #socket: Socket | null = null
  #feed: Feed | null = null
  #kept: (string | ArrayBuffer)[] = []
  #location: string | null = null
  #how: Fragments = { rung: 'passed', reason: null }
  #awaitsOpening = false
  #isReady = false
  #isClosed = false
  #gotCount = 0
  #takesH265: boolean

  constructor(browser: Browser, ears: MseEars) {
    this.#browser = browser
    this.#ears = ears
    this.#takesH265 = browser.plays('hvc1.1.6.L153.B0')
  }

  /** Asks for the view; throws `ApiError` when the server refuses or does not answer. */
  async open(address: string): Promise<void> {
    const view = await this.#post(address)
    if (this.#isClosed) return this.#end()
    this.#how = { rung: view.rung, reason: view.reason }
    this.#gotCount = 0
    this.#socket = this.#browser.openSocket(view.address, {
      onText: (text) => this.#onText(text, address),
      onPiece: (piece) => this.#onPiece(piece),
      onClose: () => this.#isClosed || this.#ears.onLost(),
    })
  }

  /** Hands on what came and what comes. */
  show(feed: Feed): void {
    this.#feed = feed
    for (const one of this.#kept) typeof one === 'string' ? feed.begin(one) : feed.append(one)
    this.#kept = []
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#end()
    this.#feed?.close()
    this.#kept = []
  }

  async #post(address: string): Promise<View> {
    const body = JSON.stringify({ h265: this.#takesH265, tracks: true })
    const init: RequestInit = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, credentials: 'same-origin' }
    const response = await this.#browser.fetch(address, init).catch(() => {
      throw unreachable() // fetch rejects only when no answer came.
    })
    if (response.status !== 201) throw await readProblem(response)
    const view = (await response.json()) as View
    this.#location = `${address.split('?')[0]}/${view.view}`
    return view
  }

  #onText(text: string, address: string): void {
    const word: unknown = JSON.parse(text)
    if (!isRecord(word) || this.#isClosed) return
    if (word.type === 'tracks') this.#ears.onTracks(JSON.stringify(word.tracks))
    else if (word.type === 'skipped') this.#ears.onSkipped()
    else if (word.type === 'start' && typeof word.codec === 'string') this.#onStart(word.codec, address)
  }

  #onStart(codec: string, address: string): void {
    if (!this.#browser.plays(codec)) return this.#withoutH265(address)
    this.#awaitsOpening = true
    if (this.#feed !== null) this.#feed.begin(codec)
    else this.#kept.push(codec)
  }

  /** The browser takes H.265, but not of this profile: the server has another way. */
  #withoutH265(address: string): void {
    const isHopeless = !this.#takesH265
    this.#takesH265 = false
    this.#end()
    if (isHopeless) this.#ears.onLost()
    else this.open(address).catch(() => this.#ears.onLost())
  }

  #onPiece(piece: ArrayBuffer): void {
    if (this.#isClosed) return
    if (this.#feed !== null) this.#feed.append(piece)
    else if (this.#kept.length < MOST_KEPT) this.#kept.push(piece)
    if (this.#awaitsOpening) {
      this.#awaitsOpening = false
      return
    }
    this.#gotCount += 1
    if (this.#gotCount === 1 || this.#gotCount % TOLD_EVERY === 0) this.#socket?.send(JSON.stringify({ got: this.#gotCount }))
    if (this.#isReady) return
    this.#isReady = true
    this.#ears.onReady(this.#how)
  }

  #end(): void {
    this.#socket?.close()
    const [location, wasOpened] = [this.#location, this.#socket !== null]
    this.#socket = this.#location = null
    if (location === null || wasOpened) return
    // Nobody came for the view: it must not be counted until it is given up.
    this.#browser.fetch(location, { method: 'DELETE', keepalive: true, credentials: 'same-origin' }).catch(() => undefined)
  }
}

import { ApiError, unreachable } from '@/api/problem'
import type { Fragments } from '@/live/mse'
import { MseSession } from '@/live/mse'
import { WhepSession, type Browser } from '@/live/session'
import type { Surface } from '@/live/surface'

/** The ways of a picture to this browser. */
export type Way = 'whep' | 'mse'

/** Where a stream can be asked for. */
export interface Target {
  whep: string
  mse: string
}

/** The rung of the ladder that a picture is on: `webrtc`, or how fragments come; and why it is not the plain one. */
export interface Rung {
  way: Way
  rung: string
  reason: string | null
}

export interface RaceEars {
  /** A frame was shown; the first one decides. */
  onFrame(rtp: number | null): void
  onTracks(text: string): void
  onSkipped(): void
  /** It is over: no way led to a picture, or the one that did has ended. */
  onLost(error: ApiError): void
}

/** How long the first way is alone: as a rule its picture is there long before, and nothing is asked for twice. */
export const HEAD_START_MS = 1_000
const AVOIDED_MS = 600_000

// WebRTC cannot carry what the camera sends; fragments can.
const OF_WEBRTC_ALONE = new Set(['stream-has-b-frames', 'codec-not-viewable', 'offer-unusable'])

/** What all players of the page know: until when WebRTC need not be tried first, because no packet came through. */
export const network = { avoidWebRtcUntil: 0 }

/** Opens one stream in two ways, the better one first, and keeps the one that shows a picture. */
export class Race {
  readonly #browser: Browser
  readonly #surface: Surface
  readonly #target: Target
  readonly #ears: RaceEars
  readonly #postedAt: number
  #whep: WhepSession | null = null
  #mse: MseSession | null = null
  #rung: Rung | null = null
  #ways: Way[]
  #whyNotWebRtc: string | null = null
  #isOver = false
  #cancelStart: () => void = () => undefined

  constructor(browser: Browser, surface: Surface, target: Target, ears: RaceEars) {
    this.#browser = browser
    this.#surface = surface
    this.#target = target
    this.#ears = ears
    this.#postedAt = browser.now()
    this.#ways = this.#order()
    this.#startNext()
  }

  /** When it was asked for, in the browser's monotonic milliseconds. */
  get postedAt(): number {
    const posted = this.#whep?.postedAt ?? Number.NaN
    return Number.isNaN(posted) ? this.#postedAt : posted
  }

  /** What is shown; null before. */
  get rung(): Rung | null {
    return this.#rung
  }

  /** What the browser has counted of a WebRTC connection; null on other ways. */
  async stats(): Promise<RTCStatsReport | null> {
    return this.#rung?.way === 'whep' && this.#whep !== null ? this.#whep.stats() : null
  }

  close(): void {
    this.#isOver = true
    this.#cancelStart()
    this.#whep?.close()
    this.#mse?.close()
  }

  #order(): Way[] {
    if (!this.#browser.plays('avc1.42e01f')) return ['whep']
    return this.#browser.now() < network.avoidWebRtcUntil ? ['mse', 'whep'] : ['whep', 'mse']
  }

  #startNext(): void {
    this.#cancelStart()
    const way = this.#ways.shift()
    if (way === undefined || this.#isOver) return
    if (way === 'whep') this.#startWhep()
    else this.#startMse()
    this.#cancelStart = this.#browser.after(HEAD_START_MS, () => this.#rung ?? this.#startNext())
  }

  #startWhep(): void {
    const session = new WhepSession(this.#browser, {
      onStream: (stream) => this.#isOver || this.#surface.show(stream, (rtp) => this.#onWhepFrame(rtp)),
      onTracks: (text) => this.#isOver || this.#ears.onTracks(text),
      onLost: () => this.#fail('whep', unreachable()),
    })
    this.#whep = session
    session.open(this.#target.whep).catch((error: unknown) => this.#refuse('whep', error))
  }

  #startMse(): void {
    const session = new MseSession(this.#browser, {
      onReady: (how) => this.#onFragments(session, how),
      onTracks: (text) => this.#isOver || this.#ears.onTracks(text),
      onSkipped: () => this.#isOver || this.#ears.onSkipped(),
      onLost: () => this.#fail('mse', unreachable()),
    })
    this.#mse = session
    session.open(this.#target.mse).catch((error: unknown) => this.#refuse('mse', error))
  }

  #onWhepFrame(rtp: number | null): void {
    if (this.#isOver) return
    if (this.#rung === null) {
      this.#win({ way: 'whep', rung: 'webrtc', reason: null })
      network.avoidWebRtcUntil = 0
      this.#mse?.close()
    }
    this.#ears.onFrame(rtp)
  }

  #onFragments(session: MseSession, how: Fragments): void {
    if (this.#isOver || this.#rung !== null) return
    if (this.#whep !== null && this.#whyNotWebRtc === null) {
      this.#whyNotWebRtc = 'no-packets'
      network.avoidWebRtcUntil = this.#browser.now() + AVOIDED_MS
    }
    this.#win({ way: 'mse', rung: how.rung, reason: how.reason ?? this.#whyNotWebRtc })
    this.#whep?.close()
    const onFrame = () => this.#isOver || this.#ears.onFrame(null)
    session.show(this.#surface.showFragments(onFrame, () => this.#fail('mse', unreachable())))
  }

  #win(rung: Rung): void {
    this.#cancelStart()
    this.#ways = []
    this.#rung = rung
  }

  /** The server's no: it holds for the other way too, unless it is about WebRTC alone or the other way is open already. */
  #refuse(way: Way, error: unknown): void {
    const refusal = error instanceof ApiError ? error : unreachable()
    const isOfWebRtc = way === 'whep' && OF_WEBRTC_ALONE.has(refusal.code)
    if (isOfWebRtc) this.#whyNotWebRtc = refusal.code
    const other = way === 'whep' ? this.#mse : this.#whep
    if (isOfWebRtc || other !== null) this.#fail(way, refusal)
    else if (this.#rung === null) this.#lose(refusal)
  }

  /** One way leads nowhere: the other goes on, or begins now. */
  #fail(way: Way, error: ApiError): void {
    if (this.#isOver || (this.#rung !== null && this.#rung.way !== way)) return
    const other = way === 'whep' ? this.#mse : this.#whep
    if (way === 'whep') this.#whep?.close()
    else this.#mse?.close()
    if (way === 'whep') this.#whep = null
    else this.#mse = null
    if (this.#rung === null && this.#ways.length > 0) this.#startNext()
    else if (this.#rung !== null || other === null) this.#lose(error)
  }

  #lose(error: ApiError): void {
    if (this.#isOver) return
    this.close()
    this.#ears.onLost(error)
  }
}

import { unreachable, type ApiError } from '@/api/problem'
import { retryDelayS } from '@/live/backoff'
import { NEEDS_PERSON, nextState, type PlayerEvent, type PlayerState } from '@/live/lifecycle'
import { Race, type Rung, type Target } from '@/live/race'
import type { Browser } from '@/live/session'
import { LineStrain, strainOf } from '@/live/strain'
import type { Surface } from '@/live/surface'

const STALLED_AFTER_MS = 3_000
const LOST_AFTER_MS = 6_000
const WATCH_EVERY_MS = 500
const FAILED_RETRY_S = 60
const LONGEST_WAIT_S = 60

// The stream itself cannot be shown here: trying again at once changes nothing, another stream of the camera may do.
const UNSHOWABLE = new Set(['stream-has-b-frames', 'codec-not-viewable', 'offer-unusable', 'not-found'])

/** What a player tells its tile. */
export interface PlayerEars {
  onChange(): void
  onFrame(rtp: number | null): void
  onTracks(text: string): void
  /** The line carries less than this stream, or again more: a smaller one is due, or is not any more. */
  onStrain(isStrained: boolean): void
}

/**
 * Keeps one live picture going for as long as it is wanted: connects, notices a stall by the frames really shown,
 * reconnects by itself and never gives up. Times are the browser's monotonic milliseconds.
 */
export class LivePlayer {
  readonly #browser: Browser
  readonly #surface: Surface
  readonly #ears: PlayerEars
  #state: PlayerState = 'idle'
  #targets: readonly Target[] = []
  #chosen = 0
  #session: Race | null = null
  readonly #strain: LineStrain
  #cancelRetry: () => void = () => undefined
  #cancelWatch: () => void = () => undefined
  #failureCount = 0
  #quietSince = 0
  #lastFrameAt: number | null = null
  #firstPictureMs: number | null = null
  #failure: ApiError | null = null
  #retryAt: number | null = null

  constructor(browser: Browser, surface: Surface, ears: PlayerEars) {
    this.#browser = browser
    this.#surface = surface
    this.#ears = ears
    this.#strain = new LineStrain((isStrained) => ears.onStrain(isStrained))
  }

  get state(): PlayerState {
    return this.#state
  }

  /** When the picture on the screen was shown; null before the first one. */
  get lastFrameAt(): number | null {
    return this.#lastFrameAt
  }

  /** From POST to the first frame shown, of the latest connection. */
  get firstPictureMs(): number | null {
    return this.#firstPictureMs
  }

  /** How the picture comes; null while there is none. */
  get rung(): Rung | null {
    return this.#session?.rung ?? null
  }

  /** Why the latest try did not work; null while it does. */
  get failure(): ApiError | null {
    return this.#failure
  }

  /** When the next try is due in `waiting` and `failed`. */
  get retryAt(): number | null {
    return this.#retryAt
  }

  /** Shows the first of these streams that can be shown; the same ones again change nothing. */
  play(targets: readonly Target[]): void {
    if (this.#state !== 'idle' && JSON.stringify(targets) === JSON.stringify(this.#targets)) return
    this.#targets = targets
    this.#chosen = 0
    this.#failureCount = 0
    this.#connect()
  }

  /** Tries again now instead of at `retryAt`: the tab came back, or the camera did. */
  wake(): void {
    this.#quietSince = this.#browser.now()
    if (['idle', 'stalled', 'waiting', 'failed'].includes(this.#state) && this.#targets.length > 0) this.#connect()
  }

  /** Lets go of the connection and keeps the last picture. */
  pause(): void {
    if (this.#advance('pause')) this.#letGo()
  }

  close(): void {
    this.#advance('close')
    this.#letGo()
    this.#surface.clear()
  }

  #connect(): void {
    const target = this.#targets[this.#chosen]
    if (target === undefined || !this.#advance('play')) return
    this.#letGo()
    this.#quietSince = this.#browser.now()
    const session: Race = new Race(this.#browser, this.#surface, target, {
      onFrame: (rtp) => this.#onFrame(session, rtp),
      onTracks: (text) => this.#ears.onTracks(text),
      onSkipped: () => this.#strain.note(true, this.#browser.now()),
      onLost: (error) => this.#lose(session, error),
    })
    this.#session = session
    this.#watch()
  }

  #onFrame(session: Race, rtp: number | null): void {
    if (session !== this.#session) return
    const now = this.#browser.now()
    if (this.#state === 'connecting') this.#firstPictureMs = now - session.postedAt
    this.#quietSince = this.#lastFrameAt = now
    this.#failureCount = 0
    this.#failure = null
    this.#advance('frame')
    this.#ears.onFrame(rtp)
  }

  #lose(session: Race, error: ApiError): void {
    if (session !== this.#session) return
    this.#failure = error
    if (NEEDS_PERSON.has(this.#failure.code)) return this.#retryIn('refused', FAILED_RETRY_S)
    if (UNSHOWABLE.has(this.#failure.code)) return this.#tryOtherStream()
    this.#failureCount += 1
    const delayS = this.#failure.retryAfterS ?? retryDelayS(this.#failureCount, this.#browser.random())
    this.#retryIn('lost', Math.min(LONGEST_WAIT_S, Math.max(1, delayS)))
  }

  #tryOtherStream(): void {
    this.#chosen += 1
    if (this.#chosen < this.#targets.length) return this.#connect()
    this.#chosen = 0
    this.#retryIn('refused', FAILED_RETRY_S)
  }

  #retryIn(event: PlayerEvent, delayS: number): void {
    this.#letGo()
    this.#retryAt = this.#browser.now() + delayS * 1000
    this.#cancelRetry = this.#browser.after(delayS * 1000, () => this.#connect())
    this.#advance(event)
  }

  // A hidden tab presents no frames, so there silence says nothing.
  #watch(): void {
    this.#cancelWatch = this.#browser.after(WATCH_EVERY_MS, () => {
      this.#watch()
      this.#weigh()
      if (this.#browser.isHidden()) this.#quietSince = this.#browser.now()
      const quietMs = this.#browser.now() - this.#quietSince
      if (quietMs >= LOST_AFTER_MS && this.#session !== null) this.#lose(this.#session, unreachable())
      else if (quietMs >= STALLED_AFTER_MS) this.#advance('silence')
    })
  }

  #weigh(): void {
    const session = this.#session
    if (session === null || this.#state !== 'playing') return
    const now = this.#browser.now()
    this.#strain.ease(now)
    session.stats().then(
      (report) => report !== null && session === this.#session && this.#strain.weigh(strainOf(report), now),
      () => undefined, // The connection was closed meanwhile.
    )
  }

  #letGo(): void {
    this.#cancelRetry()
    this.#cancelWatch()
    this.#retryAt = null
    this.#surface.freeze()
    this.#session?.close()
    this.#session = null
  }

  #advance(event: PlayerEvent): boolean {
    const next = nextState(this.#state, event)
    if (next === null) return false
    const isNews = next !== this.#state
    this.#state = next
    if (isNews) this.#ears.onChange()
    return true
  }
}

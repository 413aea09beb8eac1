import type Hls from 'hls.js/light'
import type { ErrorData, LevelDetails } from 'hls.js'
import { closePlayback, openPlayback, type Playback, type SpeedClass } from '@/api/playback'
import { ApiError } from '@/api/problem'
import { NEEDS_PERSON } from '@/live/lifecycle'
import { correctionFor, FASTEST_WITH_ALL_FRAMES, mediaTimeOf, type Piece } from '@/playback/clock'
import type { Follower, Moment } from '@/playback/deck'
import { windowAround } from '@/playback/moments'
import { stretchAt, stretchesOf, type Stretch } from '@/playback/spans'
import { withPurpose } from '@/purpose/asking'

/** What is seen of a camera's past: `none` where nothing was recorded at the moment. */
export type RecordedState = 'opening' | 'shown' | 'none' | 'failed'

const FRAME_OFF_S = 0.004
const SLOWEST = 0.0625
const FASTEST = 16
const RETRY_AFTER_MS = 3000
/** A playback that was used for this long and is then refused has ended by itself: it was left alone for too long. */
const ENDED_AFTER_MS = 60_000
/** The status of a part of which nothing can be read. */
const DAMAGED = 409
const DAMAGE_AGAIN_MS = 5000
const UNPLAYABLE_CODE = 'codec-not-playable'
const UNPLAYABLE = new Set(['bufferAddCodecError', 'bufferIncompatibleCodecsError', 'manifestIncompatibleCodecsError'])

interface Opened extends Playback {
  fromMs: number
  toMs: number
  speedClass: SpeedClass
  openedTick: number
  stretches: Stretch[]
}

/** One camera's recording in a video element. It has no time of its own: it goes where the deck's clock is, opens
 * another part of the recording when the clock leaves the one it has, and says when it needs time. */
export class RecordedVideo implements Follower {
  readonly #video: HTMLVideoElement
  readonly #cameraId: string
  readonly #onChange: () => void
  #opened: Opened | null = null
  #opening = 0
  #hls: Hls | null = null
  #pieces: Piece[] = []
  #state: RecordedState = 'opening'
  #reason: Stretch | null = null
  #failure: ApiError | null = null
  #retryAt = 0
  #frameS = 0.04
  #lastFrameS = 0
  /** What can be shown of the part that is open is known. */
  #isReady = false
  #isStale = false
  #isClosed = false
  #damageTick = -DAMAGE_AGAIN_MS

  constructor(video: HTMLVideoElement, cameraId: string, onChange: () => void) {
    this.#video = video
    this.#cameraId = cameraId
    this.#onChange = onChange
    this.#countFrames()
  }

  get state(): RecordedState {
    return this.#state
  }

  /** What the timeline says of the moment that cannot be shown, or of which only a part can. */
  get reason(): Stretch | null {
    return this.#reason
  }

  get failure(): ApiError | null {
    return this.#failure
  }

  /** How long a frame lasts, measured while playing. */
  get frameS(): number {
    return this.#frameS
  }

  get isEmpty(): boolean {
    return this.#state === 'none'
  }

  get isBroken(): boolean {
    return this.#state === 'failed'
  }

  get isWaiting(): boolean {
    if (this.#state === 'opening') return true
    if (this.#state !== 'shown') return false
    const atEnd = this.#video.duration - this.#video.currentTime < 0.5
    return this.#video.seeking || this.#video.readyState < (atEnd ? HTMLMediaElement.HAVE_CURRENT_DATA : HTMLMediaElement.HAVE_FUTURE_DATA)
  }

  /** Goes to the moment. */
  follow(moment: Moment): void {
    if (this.#isClosed) return
    const speedClass = moment.speed > FASTEST_WITH_ALL_FRAMES ? 'keyframes' : 'normal'
    if (this.#needsOther(moment, speedClass)) void this.#open(moment, speedClass)
    if (this.#opened === null || !this.#isReady) return
    const target = mediaTimeOf(this.#pieces, moment.atMs)
    if (target === null) {
      this.#video.pause()
      this.#set('none', stretchAt(this.#opened.stretches, moment.atMs))
      return
    }
    const stretch = stretchAt(this.#opened.stretches, moment.atMs)
    this.#set('shown', stretch?.damaged ? stretch : null)
    if (moment.isRunning) this.#keepPace(target, moment.speed)
    else this.#stand(target)
  }

  /** Asks again what was recorded: more may be there by now. */
  refresh(): void {
    this.#isStale = true
  }

  /** Tries again at once, for instance because a purpose was stated. */
  wake(): void {
    if (this.#state === 'failed') this.#retryAt = 0
  }

  close(): void {
    this.#isClosed = true
    this.#opening += 1
    this.#drop()
  }

  #needsOther({ atMs }: Moment, speedClass: SpeedClass): boolean {
    if (this.#state === 'failed') return performance.now() >= this.#retryAt && !this.#isLocked
    if (this.#opened === null) return this.#opening === 0
    const { fromMs, toMs } = this.#opened
    return this.#isStale || speedClass !== this.#opened.speedClass || atMs < fromMs || atMs > toMs
  }

  /** Only a person can change the answer: asking again by itself would open one dialog after another. */
  get #isLocked(): boolean {
    const code = this.#failure?.code ?? ''
    return (NEEDS_PERSON.has(code) || code === UNPLAYABLE_CODE) && this.#retryAt !== 0
  }

  async #open({ atMs, nowMs }: Moment, speedClass: SpeedClass): Promise<void> {
    const turn = (this.#opening += 1)
    this.#drop()
    this.#set('opening')
    const { fromMs, toMs } = windowAround(atMs, nowMs)
    const wanted = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), speed_class: speedClass }
    try {
      const playback = await withPurpose(this.#cameraId, () => openPlayback(this.#cameraId, wanted))
      if (turn !== this.#opening) return void closePlayback(playback.id).catch(() => undefined)
      const stretches = stretchesOf(playback.spans)
      this.#opened = { ...playback, fromMs, toMs, speedClass, stretches, openedTick: performance.now() }
      if (stretches.some(({ kind }) => kind === 'recorded')) await this.#load(playback.playlist_url, atMs, turn)
      else this.#isReady = true
    } catch (error) {
      if (turn === this.#opening) this.#fail(error)
    }
  }

  async #load(address: string, atMs: number, turn: number): Promise<void> {
    const { default: Player } = await import('hls.js/light')
    if (turn !== this.#opening) return
    if (!Player.isSupported()) throw failed(UNPLAYABLE_CODE)
    const hls = new Player({ autoStartLoad: false, enableWorker: false, maxBufferLength: 20, backBufferLength: 30 })
    this.#hls = hls
    hls.on(Player.Events.LEVEL_LOADED, (_event, { details }) => {
      const isFirst = this.#pieces.length === 0
      this.#take(details)
      this.#isReady = true
      if (isFirst) hls.startLoad(mediaTimeOf(this.#pieces, atMs) ?? 0)
    })
    hls.on(Player.Events.LEVEL_PTS_UPDATED, (_event, { details }) => this.#take(details))
    hls.on(Player.Events.FRAG_LOADED, (_event, { frag, networkDetails }) => {
      const isDamaged = networkDetails instanceof XMLHttpRequest && networkDetails.getResponseHeader('X-Damage') !== null
      if (isDamaged && !this.#knowsDamageAt(frag.programDateTime)) this.#meetDamage()
    })
    hls.on(Player.Events.ERROR, (_event, data) => this.#hear(data))
    hls.loadSource(address)
    hls.attachMedia(this.#video)
  }

  #take(details: LevelDetails): void {
    this.#pieces = details.fragments.flatMap(({ programDateTime, start, duration }) =>
      programDateTime === null ? [] : [{ wallMs: programDateTime, mediaS: start, durationS: duration }],
    )
  }

  /** Data that cannot be got is told; what the player mends by itself is not. */
  #hear(data: ErrorData): void {
    if (data.response?.code === DAMAGED && this.#meetDamage()) return
    if (!data.fatal && !UNPLAYABLE.has(data.details)) return
    if (data.type === 'mediaError' && !UNPLAYABLE.has(data.details)) return this.#hls?.recoverMediaError()
    if (data.details === 'levelEmptyError') return void (this.#isReady = true)
    const hasEnded = (data.response?.code ?? 0) >= 400 && performance.now() - (this.#opened?.openedTick ?? Infinity) > ENDED_AFTER_MS
    if (hasEnded) this.refresh()
    else this.#fail(failed(UNPLAYABLE.has(data.details) ? UNPLAYABLE_CODE : 'recording-unreadable'))
  }

  /** A file was found damaged that was not known to be: the server plans anew what can be played of it, and says so.
   * False where that was tried right before. */
  #meetDamage(): boolean {
    const now = performance.now()
    if (now - this.#damageTick < DAMAGE_AGAIN_MS) return false
    this.#damageTick = now
    this.refresh()
    return true
  }

  #knowsDamageAt(atMs: number | null): boolean {
    return atMs !== null && (stretchAt(this.#opened?.stretches ?? [], atMs)?.damaged ?? false)
  }

  #keepPace(target: number, speed: number): void {
    const correction = correctionFor(this.#video.currentTime - target, speed)
    if (correction.kind === 'seek' && !this.#video.seeking) this.#video.currentTime = target
    const rate = Math.min(FASTEST, Math.max(SLOWEST, correction.kind === 'rate' ? correction.rate : speed))
    if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate
    if (this.#video.paused) void this.#video.play().catch(() => undefined) // The next tick tries again.
  }

  #stand(target: number): void {
    if (!this.#video.paused) this.#video.pause()
    if (!this.#video.seeking && Math.abs(this.#video.currentTime - target) > FRAME_OFF_S) this.#video.currentTime = target
  }

  #countFrames(): void {
    this.#video.requestVideoFrameCallback((_now, { mediaTime }) => {
      const lasted = mediaTime - this.#lastFrameS
      if (lasted > 0.005 && lasted < 0.5 && !this.#video.paused) this.#frameS = lasted
      this.#lastFrameS = mediaTime
      if (!this.#isClosed) this.#countFrames()
    })
  }

  #fail(error: unknown): void {
    this.#drop()
    this.#failure = error instanceof ApiError ? error : failed('page-broken')
    this.#retryAt = performance.now() + (this.#failure.retryAfterS ?? 0) * 1000 + RETRY_AFTER_MS
    this.#set('failed')
  }

  #drop(): void {
    this.#hls?.destroy()
    this.#hls = null
    this.#isReady = false
    this.#isStale = false
    this.#pieces = []
    this.#failure = null
    if (this.#opened !== null) void closePlayback(this.#opened.id).catch(() => undefined) // It ends by itself, too.
    this.#opened = null
  }

  #set(state: RecordedState, reason: Stretch | null = null): void {
    if (state === this.#state && reason === this.#reason) return
    this.#state = state
    this.#reason = reason
    this.#onChange()
  }
}

const failed = (code: string): ApiError => new ApiError({ status: 0, code, detail: '', errors: [], retryAfterS: null, whoCanGrant: [], deviceCode: '' })

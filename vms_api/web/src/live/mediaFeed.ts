import { EdgeMargin, edgeStep } from '@/live/edge'

const SETTLES_MS = 1_000

/** A `<video>` element that is fed with fragments and kept at the live edge. */
export class MediaFeed {
  readonly #video: HTMLVideoElement
  readonly #onBroken: () => void
  readonly #margin = new EdgeMargin()
  readonly #media = new MediaSource()
  readonly #address: string
  #buffer: SourceBuffer | null = null
  #waiting: ArrayBuffer[] = []
  #codec: string | null = null
  #nextCodec: string | null = null
  #interval = 0.04
  #end = 0
  #appended = 0
  #settledAt = performance.now()

  constructor(video: HTMLVideoElement, onBroken: () => void) {
    this.#video = video
    this.#onBroken = onBroken
    this.#address = URL.createObjectURL(this.#media)
    this.#media.addEventListener('sourceopen', this.#pump)
    video.addEventListener('waiting', this.#onStarved)
    video.addEventListener('error', this.#onBroken)
    video.srcObject = null
    video.src = this.#address
    video.play().catch(() => undefined) // Muted video may always play; a rejection means it was replaced meanwhile.
  }

  /** Another codec begins with the next piece: an initialisation segment. */
  begin(codec: string): void {
    if (this.#codec !== null) this.#flush()
    this.#nextCodec = codec
  }

  /** An initialisation segment or a fragment; order is kept. */
  append(piece: ArrayBuffer): void {
    this.#waiting.push(piece)
    this.#pump()
  }

  close(): void {
    this.#video.removeEventListener('waiting', this.#onStarved)
    this.#video.removeEventListener('error', this.#onBroken)
    this.#media.removeEventListener('sourceopen', this.#pump)
    this.#buffer?.removeEventListener('updateend', this.#onAppended)
    URL.revokeObjectURL(this.#address)
    this.#video.playbackRate = 1
  }

  /** What waits belongs to the codec before: it is appended or, where the buffer is busy, given up. */
  #flush(): void {
    if (this.#buffer?.updating) this.#waiting = []
    else this.#pump()
  }

  #pump = (): void => {
    if (this.#media.readyState !== 'open' || this.#buffer?.updating || this.#waiting.length === 0) return
    try {
      this.#follow()
      const pieces = this.#waiting
      this.#waiting = []
      this.#appended = pieces.length
      this.#buffer?.appendBuffer(joined(pieces))
    } catch {
      this.#onBroken() // The browser has thrown the buffer away, or cannot hold more.
    }
  }

  #follow(): void {
    if (this.#nextCodec === null || this.#nextCodec === this.#codec) return
    const type = mediaType(this.#nextCodec)
    if (this.#buffer === null) {
      this.#buffer = this.#media.addSourceBuffer(type)
      this.#buffer.addEventListener('updateend', this.#onAppended)
    } else {
      this.#buffer.changeType(type)
    }
    this.#codec = this.#nextCodec
    this.#nextCodec = null
  }

  #onAppended = (): void => {
    this.#keepUp()
    this.#pump()
  }

  #keepUp(): void {
    const [buffer, video] = [this.#buffer, this.#video]
    const last = (buffer?.buffered.length ?? 0) - 1
    if (buffer === null || last < 0) return
    const [start, end] = [buffer.buffered.start(last), buffer.buffered.end(last)]
    this.#learn(end)
    const margin = this.#margin.at(performance.now())
    const step = edgeStep({ start, end, position: video.currentTime, interval: this.#interval, margin })
    if (step.seekTo !== null) {
      video.currentTime = step.seekTo
      this.#settledAt = performance.now()
    }
    if (video.playbackRate !== step.rate) video.playbackRate = step.rate
    if (video.paused) video.play().catch(() => undefined)
    if (step.trimTo !== null && !buffer.updating) buffer.remove(0, step.trimTo)
  }

  /** The time between pictures, from how far the last pieces have moved the end. */
  #learn(end: number): void {
    const step = (end - this.#end) / Math.max(1, this.#appended)
    this.#end = end
    if (this.#appended > 0 && step > 0.005 && step < 2) this.#interval += (step - this.#interval) / 8
    this.#appended = 0
  }

  /** The picture has to wait for data; at its beginning and after a jump that says nothing about the line. */
  #onStarved = (): void => {
    const now = performance.now()
    if (now - this.#settledAt > SETTLES_MS && !this.#video.seeking) this.#margin.starved(now)
  }
}

export const mediaType = (codec: string): string => `video/mp4; codecs="${codec}"`

function joined(pieces: ArrayBuffer[]): ArrayBuffer {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(new Uint8Array(piece), at)
    at += piece.byteLength
  }
  return whole.buffer
}

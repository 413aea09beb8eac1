import { MediaFeed } from '@/live/mediaFeed'
import type { Feed } from '@/live/mse'

/** Where a player shows its picture and from where it hears that a frame was really shown. */
export interface Surface {
  /** Shows the stream; `onFrame` is called for each frame presented, with its RTP timestamp where the browser has it. */
  show(stream: MediaStream, onFrame: (rtp: number | null) => void): void
  /** Shows fragments; `onBroken` is called when the browser cannot go on with them. */
  showFragments(onFrame: () => void, onBroken: () => void): Feed
  /** Keeps the last picture and stops listening. */
  freeze(): void
  clear(): void
}

/** A `<video>` element; frames are heard by requestVideoFrameCallback. */
export class VideoSurface implements Surface {
  readonly #video: HTMLVideoElement
  #pending: number | null = null

  constructor(video: HTMLVideoElement) {
    this.#video = video
  }

  show(stream: MediaStream, onFrame: (rtp: number | null) => void): void {
    this.freeze()
    this.#video.removeAttribute('src')
    this.#video.srcObject = stream
    this.#video.play().catch(() => undefined) // Muted video may always play; a rejection means it was replaced meanwhile.
    this.#listen((frame) => onFrame(frame.rtpTimestamp ?? null))
  }

  showFragments(onFrame: () => void, onBroken: () => void): Feed {
    this.freeze()
    const feed = new MediaFeed(this.#video, onBroken)
    this.#listen(onFrame)
    return feed
  }

  freeze(): void {
    if (this.#pending !== null) this.#video.cancelVideoFrameCallback(this.#pending)
    this.#pending = null
  }

  clear(): void {
    this.freeze()
    this.#video.srcObject = null
    this.#video.removeAttribute('src')
    this.#video.load()
  }

  #listen(onFrame: (frame: VideoFrameCallbackMetadata) => void): void {
    this.#pending = this.#video.requestVideoFrameCallback((_now, frame) => {
      this.#listen(onFrame)
      onFrame(frame)
    })
  }
}

/** Starts an act at some later moment; the answer calls it off. */
export type Later = (act: () => void) => () => void

/** A hidden page draws no frames; what comes in is then handed on at this pace. */
const HIDDEN_MS = 1000

/** At the next frame that the browser draws, or soon where it draws none. */
export const nextFrame: Later = (act) => {
  const stop = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  const go = () => {
    stop()
    act()
  }
  const frame = requestAnimationFrame(go)
  const timer = window.setTimeout(go, HIDDEN_MS)
  return stop
}

/** Gathers what comes in and hands it on once in a frame: fifty alerts in a second cost no more than one redraw each
 * frame, and a hundred at once cost one. */
export class FrameBatch<T> {
  readonly #handOn: (items: readonly T[]) => void
  readonly #later: Later
  #items: T[] = []
  #callOff: (() => void) | null = null

  constructor(handOn: (items: readonly T[]) => void, later: Later = nextFrame) {
    this.#handOn = handOn
    this.#later = later
  }

  add(item: T): void {
    this.#items.push(item)
    this.#callOff ??= this.#later(() => this.flush())
  }

  /** Hands on at once what there is. */
  flush(): void {
    this.stop()
    const items = this.#items
    this.#items = []
    if (items.length > 0) this.#handOn(items)
  }

  /** Hands on nothing of its own accord until something is added again. */
  stop(): void {
    this.#callOff?.()
    this.#callOff = null
  }
}

import type { PtzSpeed } from '@/api/ptz'

/** How long the camera goes on by itself when it hears nothing more. */
export const MOVE_S = 2
/** How often a move is asked for again while it is held. */
export const REPEAT_MS = 1000

export const SPEEDS = { slow: 0.15, middle: 0.4, fast: 1 } as const
export type SpeedName = keyof typeof SPEEDS

/** Which way each place of the pad goes: columns left to right, rows from above. */
export const WAYS = {
  'up-left': [-1, 1],
  up: [0, 1],
  'up-right': [1, 1],
  left: [-1, 0],
  right: [1, 0],
  'down-left': [-1, -1],
  down: [0, -1],
  'down-right': [1, -1],
} as const
export type Way = keyof typeof WAYS

export function speedOf(way: Way, name: SpeedName): PtzSpeed {
  const [pan, tilt] = WAYS[way]
  return { pan: pan * SPEEDS[name], tilt: tilt * SPEEDS[name], zoom: 0 }
}

export const zoomOf = (sign: 1 | -1, name: SpeedName): PtzSpeed => ({ pan: 0, tilt: 0, zoom: sign * SPEEDS[name] })

export interface MoveSender {
  move(speed: PtzSpeed, seconds: number): Promise<unknown>
  stop(): Promise<unknown>
  failed(error: unknown): void
}

/** A move that lasts as long as it is held. Each request ends by itself after two seconds, whatever becomes of us. */
export class HeldMove {
  readonly #sender: MoveSender
  #speed: PtzSpeed | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #underway = 0

  constructor(sender: MoveSender) {
    this.#sender = sender
  }

  get isHeld(): boolean {
    return this.#speed !== null
  }

  /** Moves, or goes on another way. */
  hold(speed: PtzSpeed): void {
    clearTimeout(this.#timer)
    this.#speed = speed
    void this.#send(speed)
  }

  /** Stops at once; a move that is still on its way is followed by another Stop. */
  release(): void {
    if (!this.isHeld) return
    this.forget()
    void this.#sender.stop()
  }

  /** Moves no more, and leaves the Stop to somebody else. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#speed = null
  }

  async #send(speed: PtzSpeed): Promise<void> {
    this.#underway += 1
    try {
      await this.#sender.move(speed, MOVE_S)
    } catch (error) {
      if (this.#speed === speed) this.forget()
      this.#sender.failed(error)
      return
    } finally {
      this.#underway -= 1
    }
    if (this.#speed === speed) this.#timer = setTimeout(() => this.hold(speed), REPEAT_MS)
    else if (!this.isHeld && this.#underway === 0) void this.#sender.stop()
  }
}

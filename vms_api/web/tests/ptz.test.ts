import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HeldMove, MOVE_S, REPEAT_MS, speedOf, zoomOf } from '@/ptz/held'

const RIGHT = speedOf('right', 'fast')

/** A camera that answers when it is told to. */
class Camera {
  readonly asked: string[] = []
  readonly failures: unknown[] = []
  #pending: { done: () => void; failed: (error: unknown) => void }[] = []

  move = (speed: { pan: number }, seconds: number) => {
    this.asked.push(`move ${speed.pan} ${seconds}`)
    return new Promise<void>((done, failed) => this.#pending.push({ done, failed }))
  }

  stop = () => {
    this.asked.push('stop')
    return Promise.resolve()
  }

  failed = (error: unknown) => void this.failures.push(error)

  async answer(error?: unknown): Promise<void> {
    const first = this.#pending.shift()
    if (error === undefined) first?.done()
    else first?.failed(error)
    await vi.advanceTimersByTimeAsync(0)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a held move', () => {
  it('is asked for again before the camera ends it, for as long as it is held', async () => {
    expect(REPEAT_MS).toBeLessThan(MOVE_S * 1000)
    const camera = new Camera()
    const held = new HeldMove(camera)
    held.hold(RIGHT)
    await camera.answer()
    await vi.advanceTimersByTimeAsync(REPEAT_MS)
    expect(camera.asked).toEqual(['move 1 2', 'move 1 2'])
    await camera.answer()
    held.release()
    await vi.advanceTimersByTimeAsync(5 * REPEAT_MS)
    expect(camera.asked).toEqual(['move 1 2', 'move 1 2', 'stop'])
  })

  it('is stopped at once, and again when a move was still on its way', async () => {
    const camera = new Camera()
    const held = new HeldMove(camera)
    held.hold(RIGHT)
    held.release()
    expect(camera.asked).toEqual(['move 1 2', 'stop'])
    await camera.answer()
    expect(camera.asked).toEqual(['move 1 2', 'stop', 'stop'])
  })

  it('changes its way without a Stop between', async () => {
    const camera = new Camera()
    const held = new HeldMove(camera)
    held.hold(RIGHT)
    await camera.answer()
    held.hold(speedOf('left', 'slow'))
    expect(camera.asked).toEqual(['move 1 2', 'move -0.15 2'])
  })

  it('is over when the camera or another person refuses it', async () => {
    const camera = new Camera()
    const held = new HeldMove(camera)
    held.hold(RIGHT)
    await camera.answer(new Error('taken'))
    expect(held.isHeld).toBe(false)
    expect(camera.failures).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(5 * REPEAT_MS)
    held.release()
    expect(camera.asked).toEqual(['move 1 2'])
  })
})

describe('the pad', () => {
  it('goes where its places are', () => {
    expect([speedOf('up-left', 'fast'), speedOf('down', 'fast'), zoomOf(-1, 'middle')]).toEqual([
      { pan: -1, tilt: 1, zoom: 0 },
      { pan: 0, tilt: -1, zoom: 0 },
      { pan: 0, tilt: 0, zoom: -0.4 },
    ])
  })
})

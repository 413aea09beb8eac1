import { describe, expect, it } from 'vitest'
import { atSpeed, correctionFor, mediaTimeOf, momentOf, movedTo, paused, running, SPEEDS, stoppedAt, type Piece } from '@/playback/clock'
import { dayStart, dayText, momentFrom, onDay, windowAround } from '@/playback/moments'
import { HOUR, MINUTE } from '@/playback/scale'

const NOON = Date.parse('2026-11-21T12:00:00Z')

describe('the clock of the pictures played together', () => {
  it('stands until it runs, and runs at its speed', () => {
    const still = stoppedAt(NOON)
    expect(momentOf(still, 99_000)).toBe(NOON)
    expect(momentOf(running(atSpeed(still, 4, 99_000), 100_000), 102_000)).toBe(NOON + 8000)
  })

  it('keeps its moment when it is stopped or changes its speed', () => {
    const clock = running(stoppedAt(NOON, 2), 0)
    expect(momentOf(paused(clock, 5000), 60_000)).toBe(NOON + 10_000)
    expect(momentOf(atSpeed(clock, 0.25, 5000), 9000)).toBe(NOON + 11_000)
  })

  it('runs on from where it was moved to', () => {
    expect(momentOf(movedTo(running(stoppedAt(NOON), 0), NOON + HOUR, 3000), 4000)).toBe(NOON + HOUR + 1000)
  })
})

describe('the drift of a picture', () => {
  it('is left alone, made up by the rate, or seeked over', () => {
    expect(correctionFor(0.03, 1)).toEqual({ kind: 'none' })
    expect(correctionFor(3, 1)).toEqual({ kind: 'seek' })
    expect(correctionFor(0.2, 1)).toEqual({ kind: 'rate', rate: 0.92 })
    expect(correctionFor(-0.2, 1)).toEqual({ kind: 'rate', rate: 1.08 })
  })

  it('is always made up: following the correction ends within a frame at every speed', () => {
    for (const speed of SPEEDS) {
      for (let drift of [-0.7, -0.1, 0.1, 0.7]) {
        for (let step = 0; step < 400 && correctionFor(drift, speed).kind !== 'none'; step += 1) {
          const correction = correctionFor(drift, speed)
          drift = correction.kind === 'rate' ? drift + (correction.rate - speed) * 0.1 : 0
        }
        expect(correctionFor(drift, speed).kind, `${speed}`).toBe('none')
      }
    }
  })
})

describe('the media time of a moment', () => {
  // Two files without a hole, then one that begins ten minutes later and yet follows at once in the media.
  const pieces: Piece[] = [
    ...[{ wallMs: NOON, mediaS: 0, durationS: 60 }],
    ...[{ wallMs: NOON + MINUTE, mediaS: 60, durationS: 60 }],
    ...[{ wallMs: NOON + 12 * MINUTE, mediaS: 120, durationS: 60 }],
  ]

  it('is found in the piece that shows it', () => {
    expect(mediaTimeOf(pieces, NOON + 5000)).toBe(5)
    expect(mediaTimeOf(pieces, NOON + 90_000)).toBe(90)
    expect(mediaTimeOf(pieces, NOON + 12 * MINUTE + 1000)).toBe(121)
  })

  it('is none in a gap, before and after', () => {
    expect(mediaTimeOf(pieces, NOON + 3 * MINUTE)).toBeNull()
    expect(mediaTimeOf(pieces, NOON - MINUTE)).toBeNull()
    expect(mediaTimeOf(pieces, NOON + HOUR)).toBeNull()
    expect(mediaTimeOf([], NOON)).toBeNull()
  })

  it('does not fall into the hair between two pieces', () => {
    expect(mediaTimeOf(pieces, NOON - 100)).toBe(0)
    expect(mediaTimeOf(pieces, NOON + 2 * MINUTE + 100)).toBeCloseTo(119.999)
  })
})

describe('what is asked of the server', () => {
  it('is at most six hours, and nothing of the future', () => {
    const { fromMs, toMs } = windowAround(NOON, NOON + 100 * HOUR)
    expect(toMs - fromMs).toBe(6 * HOUR)
    expect(windowAround(NOON, NOON + MINUTE).toMs).toBe(NOON + MINUTE)
    expect(windowAround(NOON, NOON).toMs).toBeGreaterThan(NOON)
  })
})

describe('the day of the reader', () => {
  it('changes without the time of day', () => {
    const at = new Date(2026, 10, 21, 14, 30).getTime()
    expect(dayText(at)).toBe('2026-11-21')
    expect(onDay(at, '2026-11-19')).toBe(new Date(2026, 10, 19, 14, 30).getTime())
    expect(onDay(at, '')).toBeNull()
    expect(new Date(dayStart(at)).getHours()).toBe(0)
  })

  it('is not taken from an address line that says nonsense', () => {
    expect(momentFrom('2026-11-21T12:00:00Z', NOON + HOUR)).toBe(NOON)
    expect(momentFrom('soon', NOON)).toBeNull()
    expect(momentFrom('0001-01-01T00:00:00Z', NOON)).toBeNull()
    expect(momentFrom(undefined, NOON)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import type { Span } from '@/api/recording'
import { onward } from '@/playback/onward'
import { DAY, HOUR, lengthOf, LONGEST_MS, MINUTE, panned, revealing, SECOND, SHORTEST_MS, ticks, timeOf, xOf, zoomed } from '@/playback/scale'
import { flawsIn, lastBegin, markNear, nextBegin, nextRecorded, runsOf, stretchAt, stretchesOf } from '@/playback/spans'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const scale = { fromMs: NOON, toMs: NOON + HOUR, width: 1200 }

describe('the scale of the timeline', () => {
  it('turns moments into pixels and back', () => {
    expect(xOf(scale, NOON + 30 * MINUTE)).toBe(600)
    expect(timeOf(scale, 300)).toBe(NOON + 15 * MINUTE)
  })

  it('keeps the moment below the pointer while it zooms', () => {
    for (const x of [0, 137, 600, 1200]) {
      const before = timeOf(scale, x)
      for (const factor of [0.2, 0.8, 1.25, 40]) expect(timeOf(zoomed(scale, factor, x), x)).toBeCloseTo(before, 3)
    }
  })

  it('neither splits seconds nor shows years', () => {
    expect(lengthOf(zoomed(scale, 1e-9, 10))).toBeCloseTo(SHORTEST_MS, 3)
    expect(lengthOf(zoomed(scale, 1e9, 10))).toBeCloseTo(LONGEST_MS, 3)
  })

  it('moves by pixels without changing its length', () => {
    expect(panned(scale, 100)).toEqual({ ...scale, fromMs: NOON + 5 * MINUTE, toMs: NOON + 65 * MINUTE })
  })

  it('follows a moment only when it has left the view', () => {
    expect(revealing(scale, NOON + MINUTE)).toBe(scale)
    const moved = revealing(scale, NOON + HOUR + SECOND)
    expect(lengthOf(moved)).toBe(HOUR)
    expect(xOf(moved, NOON + HOUR + SECOND)).toBeCloseTo(120)
  })
})

describe('the marks on the axis', () => {
  it('stand on round times of the reader, not of UTC', () => {
    const month = { fromMs: NOON - 10 * DAY, toMs: NOON + 10 * DAY, width: 1200 }
    const { marks } = ticks(month, 60, 8 * HOUR)
    expect(marks.every(({ isDay }) => isDay)).toBe(true)
    expect(marks.every(({ atMs }) => new Date(atMs).getUTCHours() === 16)).toBe(true)
  })

  it('are never nearer to each other than asked, from seconds to a month', () => {
    for (let length = SHORTEST_MS; length < LONGEST_MS; length *= 1.7) {
      const view = { fromMs: NOON, toMs: NOON + length, width: 1100 }
      const { stepMs, marks } = ticks(view, 80, 0)
      expect(xOf(view, NOON + stepMs)).toBeGreaterThanOrEqual(80)
      expect(marks.length).toBeLessThan(16)
      expect(marks.length).toBeGreaterThan(2)
    }
  })
})

const span = (kind: Span['kind'], fromMin: number, toMin: number, more: Partial<Span> = {}): Span => ({
  ...{ kind, from: new Date(NOON + fromMin * MINUTE).toISOString(), to: new Date(NOON + toMin * MINUTE).toISOString() },
  ...{ reason: null, damaged: false, event: false },
  ...more,
})
const at = (minutes: number) => NOON + minutes * MINUTE

const east = stretchesOf([span('recorded', 20, 30), span('recorded', 0, 10), span('gap', 10, 20, { reason: 'camera-offline' }), span('recorded', 30, 40, { damaged: true })])
const west = stretchesOf([span('recorded', 15, 18), span('not-planned', 18, 60)])

describe('the spans of the timeline', () => {
  it('are found by their moment; the end belongs to what follows', () => {
    expect(stretchAt(east, at(0))?.kind).toBe('recorded')
    expect(stretchAt(east, at(10))).toMatchObject({ kind: 'gap', reason: 'camera-offline' })
    expect(stretchAt(east, at(20))?.kind).toBe('recorded')
    expect(stretchAt(east, at(40))).toBeNull()
    expect(stretchAt([], NOON)).toBeNull()
  })

  it('tell where playing goes on over a gap: where the first of all cameras does', () => {
    expect(nextRecorded([east], at(5))).toBe(at(5))
    expect(nextRecorded([east], at(12))).toBe(at(20))
    expect(nextRecorded([east, west], at(12))).toBe(at(15))
    expect(nextRecorded([east, west], at(50))).toBeNull()
  })

  it('are one recording where they touch, so that jumping goes over gaps', () => {
    expect(runsOf(east)).toEqual([{ from: at(0), to: at(10) }, { from: at(20), to: at(40) }])
    expect(nextBegin([east], at(1))).toBe(at(20))
    expect(nextBegin([east], at(20))).toBeNull()
    expect(lastBegin([east], at(25))).toBe(at(20))
    expect(lastBegin([east], at(20))).toBe(at(0))
    expect(lastBegin([east], at(0))).toBeNull()
  })

  it('name what a range lacks, cut to the range', () => {
    expect(flawsIn(east, at(15), at(35)).map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ...[['gap', at(15), at(20)]],
      ...[['recorded', at(30), at(35)]],
    ])
    expect(flawsIn(west, at(0), at(60))).toEqual([])
  })

  it('have the alert mark that is nearest to the pointer, within reach', () => {
    const mark = (id: string, minute: number) => ({ id, at: at(minute), severity: 'low' as const, kind: 'intrusion' as const })
    const marks = [mark('a', 1), mark('b', 3)]
    expect(markNear(marks, at(2.2), MINUTE)?.id).toBe('b')
    expect(markNear(marks, at(9), MINUTE)).toBeNull()
  })
})

describe('playing where no picture has anything', () => {
  const later = at(600)

  it('jumps to where the first camera goes on, and knows why nothing was recorded', () => {
    expect(onward([east], at(12), later, false)).toEqual({ kind: 'jump', toMs: at(20), reason: 'camera-offline' })
    expect(onward([east, west], at(12), later, false)).toEqual({ kind: 'jump', toMs: at(15), reason: 'camera-offline' })
  })

  it('asks once more where the index has what the pictures have not, then passes it over', () => {
    expect(onward([east], at(5), later, false)).toEqual({ kind: 'refresh' })
    expect(onward([east], at(5), later, true)).toMatchObject({ kind: 'jump', toMs: at(20) })
    expect(onward([east], at(35), later, true)).toEqual({ kind: 'end' })
  })

  it('waits at the newest recording, and ends where nothing came for long', () => {
    expect(onward([east], at(40), at(41), false)).toEqual({ kind: 'wait' })
    expect(onward([east], at(39.95), at(40), false)).toEqual({ kind: 'wait' })
    expect(onward([east], at(39), at(40), false)).toEqual({ kind: 'refresh' })
    expect(onward([east], at(40), at(50), false)).toEqual({ kind: 'end' })
    expect(onward([], NOON, later, false)).toEqual({ kind: 'end' })
  })
})

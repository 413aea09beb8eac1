import { describe, expect, it } from 'vitest'
import { pictureRect } from '@/live/boxes'
import { rtpSeconds, TrackBuffer } from '@/live/tracks'

const message = (rtp: number | undefined, id: number) => JSON.stringify({ t: 0, rtp, outcome: 'analysed', tracks: [{ id }] })

describe('the boxes over a picture', () => {
  it('are those of the newest frame that is not of the future', () => {
    const buffer = new TrackBuffer()
    ;[message(1_000, 1), message(10_000, 2), message(19_000, 3)].forEach((text) => buffer.push(text, 0))
    expect(buffer.at(12_000, 0)).toEqual([{ id: 2 }])
  })

  it('are gone after a second without news', () => {
    const buffer = new TrackBuffer()
    buffer.push(message(0, 1), 0)
    expect(buffer.at(90_000, 0)).toHaveLength(1)
    expect(buffer.at(90_001, 0)).toEqual([])
  })

  it('are found across the wrap of the RTP clock', () => {
    const buffer = new TrackBuffer()
    buffer.push(message(0xffff_ff00, 1), 0)
    expect(buffer.at(0x100, 0)).toEqual([{ id: 1 }])
    expect(rtpSeconds(0xffff_ffff, 89_999)).toBe(1)
  })

  it('are the newest where browser or node tells no timestamp, for a second', () => {
    const buffer = new TrackBuffer()
    buffer.push(message(5, 7), 100)
    expect(buffer.at(null, 1_100)).toEqual([{ id: 7 }])
    expect(buffer.at(null, 1_101)).toEqual([])
    buffer.push(message(undefined, 8), 2_000)
    expect(buffer.at(12_345, 2_500)).toEqual([{ id: 8 }])
  })

  it('survive a message that cannot be read', () => {
    const buffer = new TrackBuffer()
    ;['{', '{"tracks": 3}', 'null'].forEach((text) => buffer.push(text, 0))
    expect(buffer.at(null, 0)).toEqual([])
  })

  it('lie on the picture where it is narrower or flatter than its tile', () => {
    expect(pictureRect({ width: 200, height: 100 }, { width: 4, height: 4 })).toEqual({ left: 50, top: 0, width: 100, height: 100 })
    expect(pictureRect({ width: 100, height: 200 }, { width: 4, height: 2 })).toEqual({ left: 0, top: 75, width: 100, height: 50 })
  })
})

import { describe, expect, it } from 'vitest'
import { cleared, EMPTY_LAYOUT, filledBy, isLayout, linkedTiles, nextEmpty, placed, resized, stepped, visibleTiles } from '@/wall/layout'

describe('the wall', () => {
  it('fills itself into the smallest grid while nobody has arranged it', () => {
    expect(filledBy(['a', 'b', 'c'])).toEqual({ size: 4, cameraIds: ['a', 'b', 'c'], isOwn: false })
    expect(filledBy(Array.from({ length: 30 }, String)).size).toBe(25)
  })

  it('shows no camera twice: the tiles swap', () => {
    const layout = placed(filledBy(['a', 'b', 'c']), 0, 'b')
    expect(visibleTiles(layout)).toEqual(['b', 'a', 'c', null])
    expect(layout.isOwn).toBe(true)
  })

  it('brings back what a smaller layout hid', () => {
    const small = resized(filledBy(['a', 'b', 'c', 'd']), 1)
    expect(visibleTiles(small)).toEqual(['a'])
    expect(visibleTiles(resized(small, 4))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('takes in what an alert brings without moving another tile', () => {
    const tiles = ['a', 'b', 'c', null]
    expect(linkedTiles(tiles, new Map([[1, 'x']]))).toEqual(['a', 'x', 'c', null])
    expect(linkedTiles(tiles, new Map([[1, 'c']]))).toEqual(tiles)
    expect(linkedTiles(tiles, new Map([[9, 'x']]))).toEqual(tiles)
  })

  it('keeps the selection inside its edges', () => {
    expect([stepped(4, 0, 'right'), stepped(4, 0, 'down'), stepped(4, 1, 'right'), stepped(4, 0, 'up')]).toEqual([1, 2, 1, 0])
    expect(stepped(16, 5, 'down')).toBe(9)
  })

  it('offers the next empty tile, going round', () => {
    const layout = cleared(filledBy(['a', 'b', 'c', 'd']), 0)
    expect(nextEmpty(layout, 2)).toBe(0)
    expect(nextEmpty(filledBy(['a', 'b', 'c', 'd']), 2)).toBe(2)
  })

  it('does not believe everything that was stored', () => {
    expect(isLayout(EMPTY_LAYOUT)).toBe(true)
    expect([null, {}, { size: 5, cameraIds: [] }, { size: 4 }].map(isLayout)).toEqual([false, false, false, false])
  })
})

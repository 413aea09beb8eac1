import { describe, expect, it } from 'vitest'
import type { Point } from '@/api/zone'
import { headingOf } from '@/editor/heading'
import { History } from '@/editor/history'
import { closed, crossesItself, edges, emptyShape, inserted, moved, withPoint, without, type Shape } from '@/editor/shape'

const SQUARE: Point[] = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]

function area(points: Point[]): Shape {
  return closed(points.reduce(withPoint, emptyShape('area')))
}

describe('drawing', () => {
  it('closes an area from three points on and a line from two', () => {
    const two = [[0, 0], [1, 1]].reduce((shape, point) => withPoint(shape, point as unknown as Point), emptyShape('area'))
    expect(closed(two).isClosed).toBe(false)
    expect(closed({ ...two, kind: 'line' }).isClosed).toBe(true)
    expect(area(SQUARE.slice(0, 3)).isClosed).toBe(true)
  })

  it('keeps points inside the picture and readable', () => {
    const shape = withPoint(emptyShape('line'), [-0.2, 0.123456])
    expect(shape.points).toEqual([[0, 0.1235]])
    expect(moved(shape, 0, [2, 0.5]).points).toEqual([[1, 0.5]])
  })

  it('takes no more points than the server does', () => {
    const many = Array.from({ length: 40 }, (_, i): Point => [i / 40, 0.5])
    expect(many.reduce(withPoint, emptyShape('area')).points).toHaveLength(32)
    expect(many.reduce(withPoint, emptyShape('line')).points).toHaveLength(16)
  })

  it('adds a point on the edge it was asked for, the closing edge included', () => {
    expect(inserted(area(SQUARE), 0, [0.5, 0.1]).points[1]).toEqual([0.5, 0.1])
    expect(inserted(area(SQUARE), 3, [0.1, 0.5]).points.at(-1)).toEqual([0.1, 0.5])
  })

  it('opens a shape again when too few points are left', () => {
    const triangle = area(SQUARE.slice(0, 3))
    expect(without(triangle, 0)).toMatchObject({ isClosed: false })
    expect(without(area(SQUARE), 0)).toMatchObject({ isClosed: true })
  })

  it('has a closing edge only as a closed area', () => {
    expect(edges(area(SQUARE))).toHaveLength(4)
    expect(edges({ ...area(SQUARE), isClosed: false })).toHaveLength(3)
    expect(edges({ kind: 'line', points: SQUARE, isClosed: true })).toHaveLength(3)
  })
})

describe('an area', () => {
  it('may be concave', () => {
    expect(crossesItself(area([[0, 0], [1, 0], [0.5, 0.5], [1, 1], [0, 1]]))).toBe(false)
  })

  it('may not cross itself', () => {
    expect(crossesItself(area([[0, 0], [1, 1], [1, 0], [0, 1]]))).toBe(true)
  })

  it('may not touch itself with a corner', () => {
    expect(crossesItself(area([[0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]]))).toBe(true)
  })

  it('is not judged by these rules when it is a line', () => {
    expect(crossesItself({ kind: 'line', points: [[0, 0], [1, 1], [1, 0], [0, 1]], isClosed: true })).toBe(false)
  })
})

describe('the left of a line', () => {
  it('is above a line drawn from left to right', () => {
    expect(headingOf([[0, 0.5], [1, 0.5]], 100, 100)).toEqual({ middle: [50, 50], left: [0, -1] })
  })

  it('is to the right of a line drawn upwards turned round', () => {
    expect(headingOf([[0.5, 0], [0.5, 1]], 100, 100)?.left).toEqual([1, -0])
  })

  it('is measured on the picture as it is seen, not on a square', () => {
    const left = headingOf([[0, 0], [1, 1]], 200, 100)?.left ?? [0, 0]
    expect(left[0]).toBeCloseTo(1 / Math.sqrt(5))
    expect(left[1]).toBeCloseTo(-2 / Math.sqrt(5))
  })

  it('is nowhere for a single point', () => {
    expect(headingOf([[0.5, 0.5]], 100, 100)).toBeNull()
  })
})

describe('undo', () => {
  it('goes back step by step and forgets the oldest', () => {
    const steps = new History<number>(2)
    ;[1, 2, 3].forEach((step) => steps.keep(step))
    expect([steps.undo(), steps.undo(), steps.undo()]).toEqual([3, 2, undefined])
    expect(steps.canUndo).toBe(false)
  })
})

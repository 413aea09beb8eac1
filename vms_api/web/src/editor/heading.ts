import type { Point } from '@/api/zone'

/** Where a line's left and right are, in pixels of a picture `width` by `height`. */
export interface Heading {
  middle: Point
  /** Unit vector to the left hand of somebody walking from the first point to the last. */
  left: Point
}

/** The heading at the middle of the line's longest piece; null for fewer than two points.
 * The picture's y grows downwards, so the left of (dx, dy) is (dy, -dx). */
export function headingOf(points: readonly Point[], width: number, height: number): Heading | null {
  const pixels = points.map(([x, y]): Point => [x * width, y * height])
  const pieces = pixels.slice(1).map((to, index) => ({ from: pixels[index] as Point, to }))
  const longest = pieces.toSorted((a, b) => length(b.from, b.to) - length(a.from, a.to))[0]
  if (longest === undefined || length(longest.from, longest.to) === 0) return null
  const { from, to } = longest
  const size = length(from, to)
  return {
    middle: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2],
    left: [(to[1] - from[1]) / size, -(to[0] - from[0]) / size],
  }
}

function length(from: Point, to: Point): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1])
}

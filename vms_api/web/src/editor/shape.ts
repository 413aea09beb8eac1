import type { Point, ZoneKind } from '@/api/zone'

/** What is being drawn. Points are left to right and top to bottom from 0 to 1 of the picture. */
export interface Shape {
  kind: ZoneKind
  points: readonly Point[]
  /** Whether clicks no longer add points. */
  isClosed: boolean
}

const LIMITS: Record<ZoneKind, { least: number; most: number }> = { area: { least: 3, most: 32 }, line: { least: 2, most: 16 } }

export const emptyShape = (kind: ZoneKind): Shape => ({ kind, points: [], isClosed: false })

export const hasEnough = (shape: Shape): boolean => shape.points.length >= LIMITS[shape.kind].least

/** Adds a point at the end. At the limit nothing changes. */
export function withPoint(shape: Shape, at: Point): Shape {
  if (shape.isClosed || shape.points.length >= LIMITS[shape.kind].most) return shape
  return { ...shape, points: [...shape.points, inPicture(at)] }
}

/** Ends the drawing where there are points enough. */
export function closed(shape: Shape): Shape {
  return hasEnough(shape) ? { ...shape, isClosed: true } : shape
}

export function moved(shape: Shape, index: number, to: Point): Shape {
  return { ...shape, points: shape.points.with(index, inPicture(to)) }
}

/** Adds a point on the edge that begins at `index`. */
export function inserted(shape: Shape, index: number, at: Point): Shape {
  if (shape.points.length >= LIMITS[shape.kind].most) return shape
  return { ...shape, points: shape.points.toSpliced(index + 1, 0, inPicture(at)) }
}

/** Takes a point away. A shape left with too few points is open again. */
export function without(shape: Shape, index: number): Shape {
  const next = { ...shape, points: shape.points.toSpliced(index, 1) }
  return { ...next, isClosed: shape.isClosed && hasEnough(next) }
}

/** The edges as pairs of points; an area's last edge leads back to its first point once it is closed. */
export function edges(shape: Shape): [Point, Point][] {
  const { points } = shape
  const pairs = points.slice(1).map((to, index): [Point, Point] => [points[index] as Point, to])
  const [first, last] = [points[0], points.at(-1)]
  const closes = shape.kind === 'area' && shape.isClosed && first !== undefined && last !== undefined
  return closes ? [...pairs, [last, first]] : pairs
}

/** Whether edges of an area cross or touch other than at a shared corner. A line may cross itself. */
export function crossesItself(shape: Shape): boolean {
  if (shape.kind === 'line') return false
  const all = edges(shape)
  return all.some((one, i) =>
    all.some((other, j) => j > i + 1 && !(i === 0 && j === all.length - 1) && meet(one, other)),
  )
}

function meet([a, b]: [Point, Point], [c, d]: [Point, Point]): boolean {
  const sides = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)] as const
  if (sides[0] * sides[1] < 0 && sides[2] * sides[3] < 0) return true
  return (
    (sides[0] === 0 && within(a, b, c)) ||
    (sides[1] === 0 && within(a, b, d)) ||
    (sides[2] === 0 && within(c, d, a)) ||
    (sides[3] === 0 && within(c, d, b))
  )
}

/** Positive, negative or 0: `c` is on one side, the other, or on the line from `a` to `b`. */
function turn(a: Point, b: Point, c: Point): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
}

function within(a: Point, b: Point, c: Point): boolean {
  return (
    Math.min(a[0], b[0]) <= c[0] &&
    c[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= c[1] &&
    c[1] <= Math.max(a[1], b[1])
  )
}

function inPicture([x, y]: Point): Point {
  return [clamped(x), clamped(y)]
}

// Four decimals are a quarter of a pixel on a 4K picture, and keep what is stored readable.
function clamped(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000
}

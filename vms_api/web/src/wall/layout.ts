/** How many tiles a wall may have, and the digit that chooses it. */
export const SIZES = [1, 4, 9, 16, 25] as const
export type WallSize = (typeof SIZES)[number]

const MOST = 25

/** The cameras on a wall, tile by tile. While `isOwn` is false nobody has arranged it and it fills itself. */
export interface WallLayout {
  size: WallSize
  cameraIds: (string | null)[]
  isOwn: boolean
}

export type Step = 'left' | 'right' | 'up' | 'down'

export const EMPTY_LAYOUT: WallLayout = { size: 4, cameraIds: [], isOwn: false }

export function isLayout(value: unknown): boolean {
  const layout = value as WallLayout | null
  return SIZES.includes(layout?.size as WallSize) && Array.isArray(layout?.cameraIds)
}

/** The tiles as they are shown: exactly `size` of them. */
export function visibleTiles(layout: WallLayout): (string | null)[] {
  return Array.from({ length: layout.size }, (_, index) => layout.cameraIds[index] ?? null)
}

/** All cameras in the smallest grid that holds them, for a wall that nobody has arranged yet. */
export function filledBy(cameraIds: readonly string[]): WallLayout {
  const size = SIZES.find((one) => one >= cameraIds.length) ?? MOST
  return { size, cameraIds: cameraIds.slice(0, size), isOwn: false }
}

/** Puts a camera on a tile. If it was on another visible tile, the two tiles swap: no camera is shown twice. */
export function placed(layout: WallLayout, index: number, cameraId: string): WallLayout {
  const tiles = fullRow(layout)
  const before = visibleTiles(layout).indexOf(cameraId)
  if (before >= 0) tiles[before] = tiles[index] ?? null
  tiles[index] = cameraId
  return { ...layout, cameraIds: tiles, isOwn: true }
}

/** The tiles with the cameras that alerts brought into them, by tile. The others stay as they are, and a camera that is
 * seen already is not shown twice. */
export function linkedTiles(tiles: readonly (string | null)[], linked: ReadonlyMap<number, string>): (string | null)[] {
  const shown = [...tiles]
  for (const [index, cameraId] of linked) if (index < shown.length && !shown.includes(cameraId)) shown[index] = cameraId
  return shown
}

export function cleared(layout: WallLayout, index: number): WallLayout {
  const tiles = fullRow(layout)
  tiles[index] = null
  return { ...layout, cameraIds: tiles, isOwn: true }
}

/** Another number of tiles. What no longer fits is kept and comes back with the larger layout. */
export function resized(layout: WallLayout, size: WallSize): WallLayout {
  return { ...layout, size, isOwn: true }
}

/** The tile one step away; at the edge of the wall the selection stays. */
export function stepped(size: WallSize, index: number, step: Step): number {
  const side = Math.sqrt(size)
  const column = (index % side) + (step === 'right' ? 1 : step === 'left' ? -1 : 0)
  const row = Math.floor(index / side) + (step === 'down' ? 1 : step === 'up' ? -1 : 0)
  return column < 0 || row < 0 || column >= side || row >= side ? index : row * side + column
}

/** The next tile without a camera, counted from `index`; `index` itself when all are taken. */
export function nextEmpty(layout: WallLayout, index: number): number {
  const tiles = visibleTiles(layout)
  const order = tiles.map((_, offset) => (index + offset) % layout.size)
  return order.find((one) => tiles[one] === null) ?? index
}

function fullRow(layout: WallLayout): (string | null)[] {
  return Array.from({ length: MOST }, (_, index) => layout.cameraIds[index] ?? null)
}

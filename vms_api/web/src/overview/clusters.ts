import type { MapCameras, Standing } from '@/api/overview'

/** A camera on the plane of the map: the whole world is the square from 0 to 1 (Web Mercator, EPSG:3857). */
export interface Spot {
  id: string
  x: number
  y: number
  state: Standing
}

/** Cameras that stand too close to each other to be told apart; of one camera, that camera. */
export interface Cluster {
  x: number
  y: number
  spots: Spot[]
  counts: Record<Standing, number>
}

export interface Field {
  left: number
  top: number
  right: number
  bottom: number
}

const TILE = 256
/** Pixels of a cell: the marks of two groups never touch, as each stays in the middle third of its own. */
export const CELL = 80
/** From here on everybody stands alone, unless the places are the same. */
export const ALONE_ZOOM = 17
const ALONE_CELL = 14

export function spotsOf({ states, cameras }: MapCameras): Spot[] {
  return cameras.map(([id, latitude, longitude, state]) => ({ id, ...onPlane(latitude, longitude), state: states[state] ?? 'unknown' }))
}

/** Spherical Mercator with the poles cut off, as tiles have it. */
export function onPlane(latitude: number, longitude: number): { x: number; y: number } {
  const sine = Math.sin((Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180)
  return { x: longitude / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) }
}

/** Pixels of the whole world at that zoom. */
export const worldPixels = (zoom: number): number => TILE * 2 ** zoom

/** Groups of all cameras at a zoom, by a grid that belongs to the world: panning regroups nothing. */
export function clustersAt(spots: readonly Spot[], zoom: number): Cluster[] {
  const cells = worldPixels(zoom) / (zoom >= ALONE_ZOOM ? ALONE_CELL : CELL)
  const found = new Map<number, Cluster>()
  for (const spot of spots) {
    const key = Math.floor(spot.x * cells) * 2 ** 26 + Math.floor(spot.y * cells)
    const cluster = found.get(key)
    if (cluster === undefined) found.set(key, { x: spot.x, y: spot.y, spots: [spot], counts: countOf(spot.state) })
    else {
      cluster.spots.push(spot)
      cluster.counts[spot.state] += 1
    }
  }
  const clusters = [...found.values()]
  if (zoom < ALONE_ZOOM) for (const cluster of clusters) if (cluster.spots.length > 1) centre(cluster, cells)
  return clusters
}

export const within = ({ x, y }: { x: number; y: number }, { left, top, right, bottom }: Field): boolean => x >= left && x <= right && y >= top && y <= bottom

/** The group whose mark is at that place of the plane, the nearest one; `reach` in the same measure. */
export function clusterAt(clusters: readonly Cluster[], x: number, y: number, reach: number): Cluster | undefined {
  let nearest: Cluster | undefined
  let least = reach
  for (const cluster of clusters) {
    const distance = Math.hypot(cluster.x - x, cluster.y - y)
    if (distance <= least) [nearest, least] = [cluster, distance]
  }
  return nearest
}

/** The field that they take up. */
export function fieldOf(spots: readonly Spot[]): Field | null {
  const [first] = spots
  if (first === undefined) return null
  const field = { left: first.x, top: first.y, right: first.x, bottom: first.y }
  for (const { x, y } of spots) {
    field.left = Math.min(field.left, x)
    field.top = Math.min(field.top, y)
    field.right = Math.max(field.right, x)
    field.bottom = Math.max(field.bottom, y)
  }
  return field
}

const countOf = (state: Standing): Record<Standing, number> => ({ online: 0, impaired: 0, offline: 0, unknown: 0, disabled: 0, [state]: 1 })

/** The middle of its cameras, as far as that is not at the edge of the cell. */
function centre(cluster: Cluster, cells: number): void {
  const middle = (of: (spot: Spot) => number): number => {
    const mean = (cluster.spots.reduce((sum, spot) => sum + of(spot), 0) / cluster.spots.length) * cells
    const cell = Math.floor(mean)
    return (cell + Math.min(2 / 3, Math.max(1 / 3, mean - cell))) / cells
  }
  cluster.x = middle(({ x }) => x)
  cluster.y = middle(({ y }) => y)
}

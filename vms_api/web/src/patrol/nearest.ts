import type { Position } from '@/place/position'

/** The place nearest to a click on the map; on the scale of a town a degree of longitude is shorter by its cosine. */
export function nearest(places: readonly { id: string; position: Position }[], at: Position): string | null {
  const shrink = Math.cos((at.latitude * Math.PI) / 180)
  const far = ({ position }: { position: Position }) => Math.hypot((position.longitude - at.longitude) * shrink, position.latitude - at.latitude)
  const [best] = places.toSorted((a, b) => far(a) - far(b))
  return best?.id ?? null
}

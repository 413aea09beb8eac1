import type { MaskPolygon } from '@/api/mask'
import type { Zone } from '@/api/zone'

/** The masks with one added (`index` null) or replaced. */
export function withMask(polygons: readonly MaskPolygon[], index: number | null, mask: MaskPolygon): MaskPolygon[] {
  return index === null ? [...polygons, mask] : polygons.with(index, mask)
}

export const withoutMask = (polygons: readonly MaskPolygon[], index: number): MaskPolygon[] => polygons.toSpliced(index, 1)

/** Masks as the outlines that the drawing shows beside the one that is drawn. */
export function outlines(polygons: readonly MaskPolygon[], without: number | null = null): Zone[] {
  return polygons.flatMap((mask, index) =>
    index === without ? [] : [{ id: `mask-${index}`, kind: 'area' as const, name: mask.name, points: mask.points }],
  )
}

import type { Area } from '@/api/area'

/** An area with how deep it lies below the topmost area that the reader sees. */
export interface AreaRow {
  area: Area
  depth: number
}

/** The tree as rows, children under their parent, siblings by code and then by name. An area whose parent the reader
 * does not see stands at the top. */
export function treeRows(areas: readonly Area[], compare: (a: string, b: string) => number): AreaRow[] {
  const known = new Set(areas.map(({ id }) => id))
  const children = grouped(areas, ({ parent_id }) => (parent_id !== null && known.has(parent_id) ? parent_id : null))
  const order = (a: Area, b: Area) => compareCodes(a.code, b.code) || compare(a.name, b.name)
  const below = (parentId: string | null, depth: number): AreaRow[] =>
    (children.get(parentId) ?? []).toSorted(order).flatMap((area) => [{ area, depth }, ...below(area.id, depth + 1)])
  return below(null, 0)
}

/** The ids of an area and of everything below it. */
export function withAllBelow(areas: readonly Area[], id: string): Set<string> {
  const children = grouped(areas, ({ parent_id }) => parent_id)
  const below = (parentId: string): string[] => [parentId, ...(children.get(parentId) ?? []).flatMap((area) => below(area.id))]
  return new Set(below(id))
}

/** The areas from the topmost one seen down to this one. */
export function lineage(areas: readonly Area[], id: string | null): Area[] {
  const area = areas.find((one) => one.id === id)
  return area === undefined ? [] : [...lineage(areas, area.parent_id), area]
}

/** How many cameras there are in each area together with all below it. */
export function cameraCounts(areas: readonly Area[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const area of areas) {
    for (const { id } of lineage(areas, area.id)) counts.set(id, (counts.get(id) ?? 0) + area.camera_count)
  }
  return counts
}

export function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** Areas with a code stand before those without. */
function compareCodes(a: string | null, b: string | null): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return a < b ? -1 : 1
}

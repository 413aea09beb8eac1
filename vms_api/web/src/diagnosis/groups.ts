import type { QualityCheck } from '@/api/quality'

export interface AreaGroup {
  areaId: string
  checks: QualityCheck[]
}

/** The cameras by their areas, in the order of the areas; in each area what is abnormal for longest comes first. */
export function byArea(checks: readonly QualityCheck[], areaOrder: readonly string[]): AreaGroup[] {
  const groups = new Map<string, QualityCheck[]>()
  for (const check of checks) groups.set(check.area_id, [...(groups.get(check.area_id) ?? []), check])
  const placeOf = (areaId: string) => (areaOrder.includes(areaId) ? areaOrder.indexOf(areaId) : areaOrder.length)
  return [...groups]
    .map(([areaId, found]) => ({ areaId, checks: found.toSorted(byAge) }))
    .toSorted((one, other) => placeOf(one.areaId) - placeOf(other.areaId))
}

const ageOf = ({ abnormal_since: since }: QualityCheck): number => (since === null ? Number.MAX_SAFE_INTEGER : Date.parse(since))

const byAge = (one: QualityCheck, other: QualityCheck): number => ageOf(one) - ageOf(other) || one.camera_name.localeCompare(other.camera_name)

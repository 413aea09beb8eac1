import { readRoster, type Roster } from '@/api/duty'
import { areaById, centreAbove } from '@/state/areas'

/** The centre that answers for an area: its own, or the nearest above it. */
export function centreOf(areaId: string): string | undefined {
  const area = areaById(areaId)
  if (area === undefined) return undefined
  return area.centre !== null || area.parent_id === null ? area.id : centreAbove(area.id)
}

/** Those who may do the duty of the area's centre. */
export async function peopleOf(areaId: string): Promise<Roster['people']> {
  const centre = centreOf(areaId)
  if (centre === undefined) return []
  return (await readRoster(centre)).people.filter(({ may_handle }) => may_handle)
}

import { computed, shallowRef } from 'vue'
import { listAreas, type Area } from '@/api/area'
import { ApiError } from '@/api/problem'
import type { Permission } from '@/api/permission'
import { cameraCounts, lineage, treeRows, withAllBelow } from '@/areas/tree'
import { i18n } from '@/i18n'

const all = shallowRef<Area[]>([])

/** The areas that the person sees, as rows of a tree. */
export const areaRows = computed(() => {
  const order = new Intl.Collator(i18n.global.locale.value, { numeric: true })
  return treeRows(all.value, order.compare)
})

export const areaById = (id: string): Area | undefined => all.value.find((area) => area.id === id)

/** Whether the person may do that in that area. */
export const mayIn = (permission: Permission, areaId: string | null | undefined): boolean =>
  areaById(areaId ?? '')?.permissions.includes(permission) ?? false

export const areaPath = (id: string): string => lineage(all.value, id)
    .map(({ name }) => name)
    .join(' / ')

/** The ids of an area and of those above it, as far as the person sees them. */
export const areaIdsAbove = (id: string): string[] => lineage(all.value, id).map((area) => area.id)

/** The next centre above that of an area; undefined where the person does not see so far up, or there is none. */
export function centreAbove(id: string): string | undefined {
  const parent = areaById(areaById(id)?.parent_id ?? '')
  if (parent === undefined) return undefined
  return parent.centre !== null || parent.parent_id === null ? parent.id : centreAbove(parent.id)
}

/** Whether nothing lies above the area, seen or not. */
export const isTopArea = (id: string): boolean => areaById(id)?.is_top ?? false

/** How many cameras there are in each area together with all below it. */
export const camerasBelow = computed(() => cameraCounts(all.value))

export const idsBelow = (id: string): Set<string> => withAllBelow(all.value, id)

/** The areas in which the person may do that, as rows of the tree. */
export const areaRowsFor = (permission: Permission) => areaRows.value.filter(({ area }) => area.permissions.includes(permission))

/** The session is over: the next person may see other areas, or none. */
export function forgetAreas(): void {
  all.value = []
}

export async function loadAreas(): Promise<void> {
  all.value = await listAreas().catch(nothingSeen)
}

/** Somebody without any right sees no area; that is no failure. */
function nothingSeen(error: unknown): Area[] {
  if (error instanceof ApiError && error.code === 'not-allowed') return []
  throw error
}

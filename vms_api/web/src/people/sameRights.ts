import { PERMISSIONS, type Permission } from '@/api/permission'
import type { AreaAccess } from '@/api/user'
import { grouped } from '@/areas/tree'

/** Areas in which a person may do the same. */
export interface SameRights {
  areas: AreaAccess[]
  /** In the order in which the page lists permissions everywhere. */
  permissions: Permission[]
  cameraCount: number
}

/** Puts areas with equal permissions together, in the order of their first area. */
export function sameRights(areas: readonly AreaAccess[]): SameRights[] {
  const ordered = ({ permissions }: AreaAccess) => PERMISSIONS.filter((permission) => permissions.includes(permission))
  return [...grouped(areas, (area) => ordered(area).join()).values()].map((alike) => ({
    areas: alike,
    permissions: alike[0] === undefined ? [] : ordered(alike[0]),
    cameraCount: alike.reduce((sum, { camera_count }) => sum + camera_count, 0),
  }))
}

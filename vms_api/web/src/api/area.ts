import { call, listAll } from '@/api/client'
import type { Permission } from '@/api/permission'

export const AREA_KINDS = ['city', 'township', 'village', 'other'] as const
export type AreaKind = (typeof AREA_KINDS)[number]

/** Who is on duty for an area. */
export interface Centre {
  name: string
  phone: string | null
}

export interface AreaIn {
  parent_id: string
  name: string
  kind: AreaKind
  code: string | null
  centre: Centre | null
}

/** An area as the reader sees it: `parent_id` is null for the topmost area seen, `permissions` are those held here. */
export interface Area extends Omit<AreaIn, 'parent_id'> {
  id: string
  parent_id: string | null
  /** Nothing lies above it, seen or not. */
  is_top: boolean
  camera_count: number
  permissions: Permission[]
}

export const listAreas = () => listAll<Area>('/areas')
export const addArea = (area: AreaIn) => call<Area>('POST', '/areas', area)
export const changeArea = (id: string, changes: Partial<AreaIn>) => call<Area>('PATCH', `/areas/${id}`, changes)
export const removeArea = (id: string) => call<void>('DELETE', `/areas/${id}`)

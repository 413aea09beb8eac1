import { call, listAll, withQuery } from '@/api/client'
import type { Permission, Role } from '@/api/permission'

/** Whom a role is granted to: a user or a group. */
export type Holder = { user_id: string } | { group_id: string }

export interface Grant {
  id: string
  user_id: string | null
  group_id: string | null
  role: Role
  area_id: string
  created_at: string
  created_by: string
}

export interface Group {
  id: string
  name: string
  member_ids: string[]
}

export interface RolePermissions {
  role: Role
  permissions: Permission[]
}

export const listRoles = () => listAll<RolePermissions>('/roles')
export const listGrants = (holder: Holder) => listAll<Grant>(withQuery('/grants', { ...holder }))
export const addGrant = (holder: Holder, role: Role, areaId: string) => call<Grant>('POST', '/grants', { ...holder, role, area_id: areaId })
export const removeGrant = (id: string) => call<void>('DELETE', `/grants/${id}`)

export const listGroups = () => listAll<Group>('/groups')
export const addGroup = (name: string) => call<Group>('POST', '/groups', { name })
export const renameGroup = (id: string, name: string) => call<Group>('PATCH', `/groups/${id}`, { name })
export const removeGroup = (id: string) => call<void>('DELETE', `/groups/${id}`)
export const addMember = (id: string, userId: string) => call<void>('PUT', `/groups/${id}/members/${userId}`, {})
export const removeMember = (id: string, userId: string) => call<void>('DELETE', `/groups/${id}/members/${userId}`)

import { call, listAll } from '@/api/client'
import type { Permission, Role } from '@/api/permission'

export interface User {
  id: string
  username: string
  is_enabled: boolean
  must_change_password: boolean
  has_totp: boolean
  /** Has come in by the login provider. */
  is_linked: boolean
  created_at: string
}

/** The password that the server made up, shown once; null where one was chosen. */
export interface GeneratedPassword {
  generated_password: string | null
}

export interface HeldRole {
  grant_id: string
  role: Role
  area_id: string
  area_name: string
  /** The group through which the role is held; null for one's own. */
  group: string | null
}

export interface AreaAccess {
  area_id: string
  area_name: string
  permissions: Permission[]
  camera_count: number
}

/** What a person can see: the roles held, and area by area what they amount to. */
export interface UserAccess {
  user: User
  roles: HeldRole[]
  areas: AreaAccess[]
}

/** Somebody who can watch a camera, and by which grant. */
export interface Viewer {
  user_id: string
  username: string
  role: Role
  grant_id: string
  area_id: string
  area_name: string
  group: string | null
}

/** An empty password lets the server make one up. */
const given = (password: string) => ({ password: password || null })

export const listUsers = () => listAll<User>('/users')
/** With a first role on an area; without one only for those who manage all users. */
export const addUser = (username: string, password: string, first: { role: Role; area_id: string } | null) =>
  call<User & GeneratedPassword>('POST', '/users', { username, ...given(password), ...first })
export const enableUser = (id: string, isEnabled: boolean) => call<User>('PATCH', `/users/${id}`, { is_enabled: isEnabled })
export const removeUser = (id: string) => call<void>('DELETE', `/users/${id}`)
export const resetPassword = (id: string, password: string) =>
  call<GeneratedPassword>('POST', `/users/${id}/password`, given(password))
export const removeTotp = (id: string) => call<void>('DELETE', `/users/${id}/totp`)
export const unlinkUser = (id: string) => call<void>('DELETE', `/users/${id}/oidc`)
export const readAccess = (id: string) => call<UserAccess>('GET', `/users/${id}/access`)
export const listViewers = (cameraId: string) => listAll<Viewer>(`/cameras/${cameraId}/viewers`)

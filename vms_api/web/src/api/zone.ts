import { call, listAll } from '@/api/client'

export type ZoneKind = 'area' | 'line'

/** Left to right and top to bottom from 0 to 1 of the picture. */
export type Point = readonly [x: number, y: number]

export interface ZoneIn {
  name: string
  kind: ZoneKind
  points: Point[]
}

export interface Zone extends ZoneIn {
  id: string
}

const path = (cameraId: string) => `/cameras/${cameraId}/zones`

export const listZones = (cameraId: string) => listAll<Zone>(path(cameraId))
export const addZone = (cameraId: string, zone: ZoneIn) => call<Zone>('POST', path(cameraId), zone)
export const changeZone = (cameraId: string, id: string, zone: Partial<ZoneIn>) =>
  call<Zone>('PATCH', `${path(cameraId)}/${id}`, zone)
export const removeZone = (cameraId: string, id: string) => call<void>('DELETE', `${path(cameraId)}/${id}`)

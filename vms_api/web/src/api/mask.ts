import { call, withQuery, type Page } from '@/api/client'
import type { Point } from '@/api/zone'

export const MOST_MASKS = 16

export interface MaskPolygon {
  name: string
  points: Point[]
}

/** One version of a camera's masks; 0 is a camera that nobody has ever masked. `polygons` null: they cannot be read, and
 * no picture of the camera is shown until they are drawn anew. */
export interface Masks {
  version: number
  polygons: MaskPolygon[] | null
  changed_at: string | null
  changed_by: string | null
}

const path = (cameraId: string) => `/cameras/${cameraId}/masks`

export const readMasks = (cameraId: string) => call<Masks>('GET', path(cameraId))
/** Replaces all masks; 409 `mask-version-stale` when somebody else was quicker. */
export const changeMasks = (cameraId: string, polygons: MaskPolygon[], baseVersion: number) =>
  call<Masks>('PUT', path(cameraId), { polygons, base_version: baseVersion })
export const listMaskVersions = (cameraId: string, cursor?: string) =>
  call<Page<Masks>>('GET', withQuery(`${path(cameraId)}/history`, { cursor, limit: 20 }))

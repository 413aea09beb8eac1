import { API_ROOT, call } from '@/api/client'

/** Left, top, right, bottom, each 0 to 1 of the picture. */
export type Edges = [number, number, number, number]

export interface InspectedTrack {
  id: number
  label: string
  score: number
  state: 'tentative' | 'confirmed' | 'lost' | 'hidden' | 'ended'
  box: Edges
}

export const STAGES = ['gate', 'detect', 'track'] as const
export type Stage = (typeof STAGES)[number]

/** One frame and what became of it (`vms_api/nodes/inspection_routes.py`). */
export interface InspectedFrame {
  number: number
  received_at: string
  width: number
  height: number
  outcome: 'analysed' | 'gated' | 'skipped' | 'failed'
  moving_share: number
  is_new_background: boolean
  patches: Edges[]
  crops: Edges[]
  tracks: InspectedTrack[]
  cpu_ms: Partial<Record<Stage, number>>
  age_ms: number
}

const at = (cameraId: string, id: string) => `/cameras/${cameraId}/inspections/${id}`

/** Begins a look, which is recorded; it ends by itself when it is not asked for any more. */
export const openInspection = (cameraId: string) => call<{ id: string }>('POST', `/cameras/${cameraId}/inspections`)
export const readInspection = (cameraId: string, id: string) => call<{ frame: InspectedFrame | null }>('GET', at(cameraId, id))
export const closeInspection = (cameraId: string, id: string) => call<void>('DELETE', at(cameraId, id))
export const inspectedPicture = (cameraId: string, id: string, number: number, gate: boolean) => `${API_ROOT}${at(cameraId, id)}/${number}.jpg?gate=${gate}`

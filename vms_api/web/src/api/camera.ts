import { API_ROOT, call, listAll } from '@/api/client'

export type StreamRole = 'main' | 'sub'
export type CameraState = 'disabled' | 'opening' | 'live' | 'silent' | 'waiting' | 'refused' | 'closing' | 'unknown'

export interface Fault {
  code: string
  message: string
  at: string
}

export interface StreamHealth {
  role: StreamRole
  state: CameraState
  since: string
  codec: string | null
  width: number | null
  height: number | null
  profile: string | null
  frame_rate: number | null
  bitrate_bps: number | null
  has_b_frames: boolean
  last_packet_at: string | null
  last_keyframe_at: string | null
  reconnect_count: number
  decode_failed_count: number
  retry_at: string | null
  fault: Fault | null
}

export interface AnalysisHealth {
  state: 'off' | 'running' | 'starting' | 'failed'
  analysed_fps: number | null
  gated_count: number
  analysed_count: number
  skipped_count: number
  failed_count: number
}

export interface CameraHealth {
  state: CameraState
  since: string | null
  streams: StreamHealth[]
  analysis: AnalysisHealth
  /** Version of the privacy masks in force; null: no picture of the camera is shown to anybody. */
  mask_version: number | null
  reported_at: string | null
}

/** What a person may set. An absent `password` is kept, null removes it; it never comes back. */
export interface CameraIn {
  area_id: string
  name: string
  address: string
  sub_address: string | null
  transport: 'tcp' | 'udp'
  username: string | null
  password?: string | null
  enabled: boolean
  analysed: boolean
}

/** How a camera is reached (addresses, user name) is told to those who manage it, and null for all others. */
export interface Camera extends Omit<CameraIn, 'password' | 'address'> {
  id: string
  address: string | null
  has_sub_stream: boolean
  has_password: boolean
  created_at: string
  updated_at: string
  health: CameraHealth
  rule_count: number
}

export const listCameras = () => listAll<Camera>('/cameras')
export const readCamera = (id: string) => call<Camera>('GET', `/cameras/${id}`)
export const addCamera = (camera: CameraIn) => call<Camera>('POST', '/cameras', camera)
export const changeCamera = (id: string, changes: Partial<CameraIn>) => call<Camera>('PATCH', `/cameras/${id}`, changes)
export const removeCamera = (id: string) => call<void>('DELETE', `/cameras/${id}`)

export const snapshotAddress = (id: string) => `${API_ROOT}/cameras/${id}/snapshot.jpg`
export const whepAddress = (id: string, stream: StreamRole, isUnmasked: boolean) =>
  `${API_ROOT}/cameras/${id}/whep?stream=${stream}${isUnmasked ? '&unmasked=true' : ''}`

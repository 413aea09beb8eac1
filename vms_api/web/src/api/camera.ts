import { API_ROOT, call, listAll, withQuery } from '@/api/client'

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
  audio_codec: string | null
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
  /** What did not arrive whole, by cause (`ingest/drops.py`). */
  drops: Partial<Record<DropCause, number>>
  /** Where the stream is decoded for analysis; null where it is not. */
  decoding: Decoding | null
  /** Nothing moves, and only its key frames are decoded for analysis. */
  asleep: boolean
  /** The camera's clock minus ours; null while it is not known. */
  clock_offset_s: number | null
  /** Data arrives, but the picture has not changed for long. */
  frozen: boolean
}

/** `refusal` is why the GPU does not decode it now, `refusals` how often it did not (`ingest/decode_place.py`). */
export interface Decoding {
  on_gpu: boolean
  gpu_bytes: number
  refusal: GpuRefusal | null
  refusals: Partial<Record<GpuRefusal, number>>
}

export const GPU_REFUSALS = ['absent', 'format', 'full', 'budget', 'masked', 'broken'] as const
export type GpuRefusal = (typeof GPU_REFUSALS)[number]

export const DROP_CAUSES = ['lost', 'late', 'damaged', 'oversize'] as const
export type DropCause = (typeof DROP_CAUSES)[number]

/** `waiting`: recording is planned but nothing is written, for that reason; `standby`: kept in memory for an alert. */
export interface RecordingHealth {
  state: 'off' | 'recording' | 'waiting' | 'standby'
  reason: string | null
  since: string | null
  last_written_at: string | null
  volume_id: string | null
}

export interface AnalysisHealth {
  state: 'off' | 'running' | 'starting' | 'failed'
  /** Why the detector does not judge the camera's pictures: a code of the family `fault`. */
  fault?: string | null
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
  /** Apart from the picture's state; null while no node has reported it. */
  recording: RecordingHealth | null
  /** Whether the picture of any stream has stopped changing although data arrives. */
  frozen: boolean
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

/** What became of a camera in the past, in order of time. The first state of a stream may be from before the range. */
export interface CameraHistory {
  states: { at: string; role: StreamRole; state: CameraState; fault: Fault | null }[]
  /** One without an end goes on. */
  gaps: { from: string; to: string | null; reason: string }[]
  /** False when there were more changes than are told. */
  complete: boolean
}

export const listCameras = () => listAll<Camera>('/cameras')
export const readCamera = (id: string) => call<Camera>('GET', `/cameras/${id}`)
export const addCamera = (camera: CameraIn) => call<Camera>('POST', '/cameras', camera)
export const changeCamera = (id: string, changes: Partial<CameraIn>) => call<Camera>('PATCH', `/cameras/${id}`, changes)
export const removeCamera = (id: string) => call<void>('DELETE', `/cameras/${id}`)
export const readHistory = (id: string, from: string, to: string) => call<CameraHistory>('GET', withQuery(`/cameras/${id}/history`, { from, to }))

export const snapshotAddress = (id: string) => `${API_ROOT}/cameras/${id}/snapshot.jpg`

const HEARD = '&audio=true'

/** Whether a live view at this address is to be heard. */
export const isHeardAt = (address: string): boolean => address.endsWith(HEARD)

/** Where a live view of a stream is asked for: over WebRTC, with its sound if that is wanted, or by fragments. */
export function liveAddresses(id: string, stream: StreamRole, isUnmasked: boolean, isHeard: boolean): { whep: string; mse: string } {
  const query = `stream=${stream}${isUnmasked ? '&unmasked=true' : ''}`
  return { whep: `${API_ROOT}/cameras/${id}/whep?${query}${isHeard ? HEARD : ''}`, mse: `${API_ROOT}/cameras/${id}/live?${query}` }
}

import { API_ROOT, call, withQuery } from '@/api/client'
import type { RuleIn, RuleKind, Severity } from '@/api/rule'
import type { StreamRole } from '@/api/camera'

/** Why something that was to be recorded was not (`ingest/recording`). */
export const GAP_REASONS = [
  ...['camera-offline', 'camera-silent', 'refused', 'no-keyframe', 'masks-unavailable'],
  ...['disk-full', 'disk-error', 'volume-missing', 'too-slow', 'codec-not-recordable'],
  ...['node-down', 'recorder-failed'],
] as const

export type SpanKind = 'recorded' | 'gap' | 'withheld' | 'not-planned'

/** One stretch of a camera's time. `event`: kept because of an alert; `damaged`: only a part can be played. */
export interface Span {
  kind: SpanKind
  from: string
  to: string
  reason: string | null
  damaged: boolean
  event: boolean
}

export interface AlertMark {
  id: string
  at: string
  severity: Severity
  kind: RuleKind
}

export interface Timeline {
  camera_id: string
  from: string
  to: string
  spans: Span[]
  alerts: AlertMark[]
  coverage: { recorded_s: number; planned_s: number }
}

export const RECORDING_MODES = ['off', 'continuous', 'scheduled', 'event'] as const
export type RecordingMode = (typeof RECORDING_MODES)[number]

export interface RecordingPlan {
  mode: RecordingMode
  schedule: RuleIn['schedule']
  pre_roll_s: number
  post_roll_s: number
  stream: StreamRole
  audio: boolean
  retention_min_days: number | null
  retention_max_days: number | null
}

export const VOLUME_STATES = ['ok', 'missing', 'foreign', 'read-only', 'full', 'slow', 'failed'] as const
export type VolumeState = (typeof VOLUME_STATES)[number]

/** A legal hold: what lies in the range is not deleted before the hold ends. */
export interface HoldIn {
  camera_id: string
  from: string
  to: string
  reason: string
  expires_at: string | null
}

export interface Hold extends HoldIn {
  id: string
  created_by: string
  created_at: string
}

/** One disk that is recorded to, with the site's limits. */
export interface Volume {
  volume_id: string
  name: string
  state: VolumeState
  free_bytes: number | null
  total_bytes: number | null
  used_bytes: number | null
  at: string
  quota_bytes: number | null
  reserve_bytes: number | null
  oldest_at: string | null
}

/** What is wrong with keeping and deleting; `subject` is the name of a volume or empty. */
export interface RecordingProblem {
  code: 'deletion-late' | 'only-locked-left' | 'clock-jumped'
  subject: string
  since: string
}

export interface Volumes {
  volumes: Volume[]
  problems: RecordingProblem[]
}

const iso = (ms: number) => new Date(ms).toISOString()

export const readTimeline = (cameraId: string, fromMs: number, toMs: number, resolutionS: number) =>
  call<Timeline>('GET', withQuery(`/cameras/${cameraId}/recordings`, { from: iso(fromMs), to: iso(toMs), resolution_s: resolutionS }))
export const readPlan = (cameraId: string) => call<RecordingPlan>('GET', `/cameras/${cameraId}/recording`)
export const changePlan = (cameraId: string, plan: RecordingPlan) => call<RecordingPlan>('PUT', `/cameras/${cameraId}/recording`, plan)
export const readVolumes = () => call<Volumes>('GET', '/recordings/volumes')
export const confirmClock = () => call<void>('POST', '/recordings/clock-confirmation', {})
export const listHolds = async () => (await call<{ items: Hold[] }>('GET', '/recordings/holds')).items
export const addHold = (hold: HoldIn) => call<Hold>('POST', '/recordings/holds', hold)
export const liftHold = (id: string) => call<void>('DELETE', `/recordings/holds/${id}`)

export const pastSnapshotAddress = (cameraId: string, atMs: number) =>
  API_ROOT + withQuery(`/cameras/${cameraId}/recordings/snapshot.jpg`, { at: iso(atMs) })

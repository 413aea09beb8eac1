import { API_ROOT, call, upload, withQuery } from '@/api/client'
import type { Severity } from '@/api/rule'
import type { NodeState } from '@/api/system'

/** How a camera stands on the map and in counts (`vms_api/overview/camera_standing.py`). */
export const STANDINGS = ['online', 'impaired', 'offline', 'unknown', 'disabled'] as const
export type Standing = (typeof STANDINGS)[number]

export type TroubleKind = 'camera' | 'ticket' | 'alert' | 'patrol' | 'volume' | 'recording' | 'node'

/** One thing that is wrong; `code` is of the kind's own words, `who` has it in hand. */
export interface Trouble {
  kind: TroubleKind
  code: string
  severity: Severity
  name: string
  since: string
  subject_id: string | null
  camera_id: string | null
  area_id: string | null
  who: string | null
  centre: string | null
  due_at: string | null
  overdue: boolean
  repeats: number
  /** Those of a ticket. */
  state: string | null
  number: number | null
}

export const CHANGE_KINDS = [
  'camera-lost',
  'camera-back',
  'quality-worse',
  'quality-better',
  'alert-raised',
  'alert-closed',
  'ticket-opened',
  'ticket-closed',
  'patrol-completed',
  'patrol-missed',
] as const
export type ChangeKind = (typeof CHANGE_KINDS)[number]

export interface Change {
  kind: ChangeKind
  at: string
  name: string
  camera_id: string | null
  subject_id: string | null
  who: string | null
  code: string | null
}

export interface StorageForecast {
  volume: string
  state: string
  used_bytes: number | null
  room_bytes: number | null
  per_day_bytes: number | null
  full_at: string | null
  holds_days: number | null
  needed_days: number
  enough: boolean | null
  /** Nothing is added to what it has. */
  idle: boolean
}

export interface NodeNow {
  id: string
  state: NodeState
  since: string
  cameras: number
  live: number
  load: { cpu_share: number | null; cores: number | null; memory_bytes: number | null; memory_total_bytes: number | null } | null
}

/** How things stand; a part that the person's rights do not open is null. */
export interface Overview {
  at: string
  cameras: Record<'total' | 'faulty' | Standing, number>
  wrong_now: { items: Trouble[]; total: number; nobody: number; overdue: number }
  changed_today: { since: string; counts: Partial<Record<ChangeKind, number>>; latest: Change[] }
  alerts: { open: number; new: number; overdue: number } | null
  tickets: { open: number; overdue: number; unassigned: number } | null
  patrols: { waiting: number; running: number; completed: number; missed: number } | null
  storage: StorageForecast[] | null
  nodes: NodeNow[] | null
}

export interface Bounds {
  south: number
  west: number
  north: number
  east: number
}

export interface AreaPlan {
  area_id: string
  width: number
  height: number
  bounds: Bounds
  updated_at: string
  updated_by: string | null
  url: string
}

/** What lies under the cameras; all positions of the map are in its datum. */
export interface MapGround {
  datum: 'wgs84' | 'gcj02'
  tiles: { url: string; min_zoom: number; max_zoom: number; attribution: string } | null
  plans: AreaPlan[]
}

export interface MapCameras {
  states: Standing[]
  /** Id, latitude, longitude, index into `states`. */
  cameras: [id: string, latitude: number, longitude: number, state: number][]
  unplaced: number
}

export const readOverview = (areaId?: string) => call<Overview>('GET', withQuery('/overview', { area_id: areaId }))
export const readGround = () => call<MapGround>('GET', '/map')
/** The browser keeps the answer with its ETag, so that asking again costs little while nothing has changed. */
export const readMapCameras = () => call<MapCameras>('GET', '/map/cameras')
export const keepPlan = (areaId: string, file: Blob, { south, west, north, east }: Bounds) => upload<AreaPlan>(withQuery(`/areas/${areaId}/plan`, { south, west, north, east }), file)
export const removePlan = (areaId: string) => call<void>('DELETE', `/areas/${areaId}/plan`)
/** Every look at a drawing is recorded; the mark keeps the browser from showing an older one. */
export const planAddress = ({ area_id, updated_at }: AreaPlan) => `${API_ROOT}/areas/${area_id}/plan?v=${encodeURIComponent(updated_at)}`

import { call, listAll } from '@/api/client'
import type { Permission } from '@/api/permission'

export const RULE_KINDS = [
  ...(['intrusion', 'line_crossing', 'loitering', 'stopped_vehicle'] as const),
  ...(['wrong_way', 'abandoned_object', 'object_removed', 'fire'] as const),
] as const
export type RuleKind = (typeof RULE_KINDS)[number]
export type Severity = 'low' | 'medium' | 'high'
export type Direction = 'any' | 'left_to_right' | 'right_to_left'

export const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high']
export const DIRECTIONS: readonly Direction[] = ['any', 'left_to_right', 'right_to_left']

/** The classes that may be analysed (`analytics/detection.py`). */
export const LABELS = [
  ...['person', 'bicycle', 'motorcycle', 'car', 'bus', 'truck', 'boat'],
  ...['dog', 'cat', 'horse', 'cow', 'sheep', 'fire', 'smoke', 'motion'],
] as const

/** A daily span on some days of the week, Monday is 0. An end at or before the start lies on the next day. */
export interface ScheduleWindow {
  days: number[]
  start: string
  end: string
}

export interface RuleIn {
  name: string
  kind: RuleKind
  zone_id: string
  labels: string[]
  direction: Direction
  dwell_s: number
  schedule: { windows: ScheduleWindow[] } | null
  severity: Severity
  cooldown_s: number
  enabled: boolean
  instructions: string
  /** Heights of objects, as parts of the picture's height; `closely` looks for small ones in crops of the picture. */
  size: { min_height: number; max_height: number; closely?: boolean }
  /** What only one kind has: `reach` of wrong way, as a part of the picture. */
  parameters: { reach?: number }
  /** What is done beside raising an alert. */
  links: Link[]
}

/** Null: the camera of the alert. */
interface Linked {
  camera_id: string | null
}
export type Link = Linked &
  ({ kind: 'wall' } | { kind: 'tile'; tile: number } | { kind: 'ptz-preset'; preset: string } | { kind: 'record'; seconds: number } | { kind: 'relay'; token: string; seconds: number })
export type LinkKind = Link['kind']
export const LINK_KINDS: readonly LinkKind[] = ['wall', 'tile', 'ptz-preset', 'record', 'relay']
/** What each takes on its camera (`vms_api/linkage/link.py`). */
export const LINK_RIGHTS: Record<LinkKind, Permission> = { wall: 'live.view', tile: 'live.view', 'ptz-preset': 'ptz.control', record: 'camera.manage', relay: 'device.relay' }

export interface Rule extends RuleIn {
  id: string
}

const path = (cameraId: string) => `/cameras/${cameraId}/rules`

export const listRules = (cameraId: string) => listAll<Rule>(path(cameraId))
export const addRule = (cameraId: string, rule: RuleIn) => call<Rule>('POST', path(cameraId), rule)
export const changeRule = (cameraId: string, id: string, rule: Partial<RuleIn>) =>
  call<Rule>('PATCH', `${path(cameraId)}/${id}`, rule)
export const removeRule = (cameraId: string, id: string) => call<void>('DELETE', `${path(cameraId)}/${id}`)

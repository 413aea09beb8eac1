import { call, listAll } from '@/api/client'
import type { DeviceNotice } from '@/api/device'
import type { ScheduleWindow, Severity } from '@/api/rule'

/** What needs no picture, and is judged by the control process (`vms_api/care/device_rule.py`). */
export const DEVICE_RULE_KINDS = ['device_notice', 'camera_offline'] as const
export type DeviceRuleKind = (typeof DEVICE_RULE_KINDS)[number]

export interface DeviceRuleIn {
  name: string
  kind: DeviceRuleKind
  /** What the device is to notice; null for a camera that is offline. */
  notice: DeviceNotice['kind'] | null
  /** The device's own word for where it was noticed; null: anywhere. */
  source: string | null
  /** How long a camera is offline before it is told of. */
  after_s: number
  schedule: { windows: ScheduleWindow[] } | null
  severity: Severity
  cooldown_s: number
  enabled: boolean
  instructions: string
  /** A relay output of the device that an alert switches on for some seconds. */
  relay: { token: string; seconds: number } | null
}

export interface DeviceRule extends DeviceRuleIn {
  id: string
}

const path = (cameraId: string) => `/cameras/${cameraId}/device-rules`

export const listDeviceRules = (cameraId: string) => listAll<DeviceRule>(path(cameraId))
export const addDeviceRule = (cameraId: string, rule: DeviceRuleIn) => call<DeviceRule>('POST', path(cameraId), rule)
export const replaceDeviceRule = (cameraId: string, id: string, rule: DeviceRuleIn) => call<DeviceRule>('PUT', `${path(cameraId)}/${id}`, rule)
export const removeDeviceRule = (cameraId: string, id: string) => call<void>('DELETE', `${path(cameraId)}/${id}`)

import { call } from '@/api/client'
import { DEVICE_RULE_KINDS } from '@/api/deviceRule'
import { RULE_KINDS, type ScheduleWindow, type Severity } from '@/api/rule'

/** Which centre answers for which alerts, and by when (`vms_api/dispatch/dispatch_rule.py`). */
export const ALERT_KINDS = [...RULE_KINDS, ...DEVICE_RULE_KINDS] as const
export type AlertKind = (typeof ALERT_KINDS)[number]

export interface DispatchRuleIn {
  name: string
  area_id: string
  /** None named: of all kinds. */
  kinds: AlertKind[]
  severities: Severity[]
  schedule: { windows: ScheduleWindow[] } | null
  /** The area whose centre answers; null: the nearest one. */
  centre_id: string | null
  acknowledge_within_s: number
  resolve_within_s: number
  remind_every_s: number | null
  position: number
}

export interface DispatchRule extends DispatchRuleIn {
  id: string
}

export interface DispatchTimes {
  acknowledge_within_s: number
  resolve_within_s: number
  remind_every_s: number | null
}

export const listDispatchRules = () => call<{ items: DispatchRule[]; fallback: DispatchTimes }>('GET', '/dispatch-rules')
export const addDispatchRule = (rule: DispatchRuleIn) => call<DispatchRule>('POST', '/dispatch-rules', rule)
export const replaceDispatchRule = (id: string, rule: DispatchRuleIn) => call<DispatchRule>('PUT', `/dispatch-rules/${id}`, rule)
export const removeDispatchRule = (id: string) => call<void>('DELETE', `/dispatch-rules/${id}`)

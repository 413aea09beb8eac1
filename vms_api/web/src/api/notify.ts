import { call, listAll, withQuery, type Page } from '@/api/client'
import type { DeviceRuleKind } from '@/api/deviceRule'
import type { RuleKind, Severity } from '@/api/rule'

/** Who is told of alerts (`vms_api/notify/receiver.py`), and where they are (`target.py`). */
export type WebhookTarget = { kind: 'webhook'; url: string; authority_pem: string | null }
export type MqttTarget = { kind: 'mqtt'; host: string; port: number; tls: boolean; username: string | null; prefix: string; home_assistant: boolean; authority_pem: string | null }
export type MailTarget = { kind: 'email'; to: string[] }
export type SyslogTarget = { kind: 'syslog'; host: string; port: number; transport: 'udp' | 'tcp' | 'tls'; authority_pem: string | null }
export type Target = WebhookTarget | MqttTarget | MailTarget | SyslogTarget
export type TargetKind = Target['kind']
export const TARGET_KINDS: readonly TargetKind[] = ['webhook', 'email', 'mqtt', 'syslog']

export interface ReceiverIn {
  name: string
  area_id: string
  target: Target
  severities: Severity[]
  /** None: all. */
  kinds: (RuleKind | DeviceRuleKind | 'ticket')[]
  /** Whether what people do about alerts is told too. */
  changes: boolean
  enabled: boolean
  /** Null keeps the one that is there. */
  secret: string | null
}

export interface ReceiverHealth {
  state: 'ok' | 'failing' | 'resting' | 'stopped' | 'disabled' | 'orphaned'
  waiting: number
  dead: number
  arrived_at: string | null
  failed_at: string | null
  fault: string | null
  detail: string
  rests_until: string | null
}

export interface Receiver extends Omit<ReceiverIn, 'secret'> {
  id: string
  owner: string
  has_secret: boolean
  health: ReceiverHealth
}

/** With the secret that was just made; it is shown this once. */
export interface ReceiverMade extends Receiver {
  secret: string | null
}

export interface TrialResult {
  arrived: boolean
  fault: string | null
  detail: string
  seconds: number
}

export interface Delivery {
  id: string
  type: string
  subject: string
  camera: string
  severity: Severity
  at: string
  state: 'waiting' | 'dead'
  attempts: number
  next_at: string
  expires_at: string
  fault: string | null
  detail: string
}

/** What one person wants to hear of, and how. No areas: wherever the person sees alerts. */
export interface Notifications {
  areas: string[]
  severities: Severity[]
  quiet: { starts: string; ends: string }[]
  sound: boolean
  browser: boolean
  email: string | null
}

export interface MyNotifications extends Notifications {
  can_mail: boolean
}

const RECEIVERS = '/notify/receivers'

export const listReceivers = () => listAll<Receiver>(RECEIVERS)
export const addReceiver = (receiver: ReceiverIn) => call<ReceiverMade>('POST', RECEIVERS, receiver)
export const replaceReceiver = (id: string, receiver: ReceiverIn) => call<Receiver>('PUT', `${RECEIVERS}/${id}`, receiver)
export const removeReceiver = (id: string) => call<void>('DELETE', `${RECEIVERS}/${id}`)
export const renewSecret = (id: string) => call<ReceiverMade>('POST', `${RECEIVERS}/${id}/secret`, {})
export const tryReceiver = (id: string) => call<TrialResult>('POST', `${RECEIVERS}/${id}/test`, {})
export const listDeliveries = (id: string, state: Delivery['state']) => call<Page<Delivery>>('GET', withQuery(`${RECEIVERS}/${id}/deliveries`, { state, limit: 50 }))
export const replayAll = (id: string) => call<{ count: number }>('POST', `${RECEIVERS}/${id}/replay`, {})
export const replayDelivery = (id: string) => call<{ count: number }>('POST', `/notify/deliveries/${id}/replay`, {})
export const readMyNotifications = () => call<MyNotifications>('GET', '/me/notifications')
export const changeMyNotifications = (chosen: Notifications) => call<MyNotifications>('PUT', '/me/notifications', chosen)

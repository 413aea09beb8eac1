import { call, withQuery, type Page } from '@/api/client'
import { readProblem, unreachable } from '@/api/problem'
import type { RuleKind, Severity } from '@/api/rule'

export type AlertState = 'NEW' | 'ACKNOWLEDGED'

export interface Alert {
  id: string
  area_id: string
  camera_id: string
  camera_name: string
  rule_id: string
  rule_name: string
  kind: RuleKind
  severity: Severity
  label: string
  score: number
  box: [left: number, top: number, right: number, bottom: number]
  state: AlertState
  raised_at: string
  frame_received_at: string
  stored_at: string
  acknowledged_at: string | null
  acknowledged_by: string | null
  has_evidence: boolean
  evidence_url: string | null
  instructions: string
}

export interface AlertFilter {
  state?: AlertState
  camera_id?: string
  cursor?: string
  limit?: number
}

export const listAlerts = (filter: AlertFilter) => call<Page<Alert>>('GET', withQuery('/alerts', { ...filter }))
export const readAlert = (id: string) => call<Alert>('GET', `/alerts/${id}`)
export const acknowledgeAlert = (id: string) => call<Alert>('POST', `/alerts/${id}/acknowledge`, {})

/** The film of an alert; throws `ApiError` when there is none, or a purpose is wanted first. */
export async function readClip(id: string): Promise<Blob> {
  const response = await fetch(`/api/v1/alerts/${id}/clip.mp4`, { credentials: 'same-origin' }).catch(() => null)
  if (response === null) throw unreachable()
  if (!response.ok) throw await readProblem(response)
  return response.blob()
}

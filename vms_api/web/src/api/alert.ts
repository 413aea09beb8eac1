import { call, withQuery, type Page } from '@/api/client'
import { readProblem, unreachable } from '@/api/problem'
import type { RuleKind, Severity } from '@/api/rule'

export type AlertState = 'NEW' | 'ACKNOWLEDGED' | 'ASSIGNED' | 'IN_PROGRESS' | 'RESOLVED' | 'CLOSED' | 'REOPENED'

export type AlertAct = 'acknowledge' | 'assign' | 'progress' | 'resolve' | 'close' | 'reopen'

/** What an alert turned out to be. */
export const VERDICTS = ['true', 'false', 'duplicate', 'test'] as const
export type Verdict = (typeof VERDICTS)[number]

/** The object as it was seen best, before or shortly after the moment. */
export interface BestView {
  seen_at: string
  score: number
  box: Alert['box']
  url: string
}

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
  owner_id: string | null
  owner: string | null
  verdict: Verdict | null
  duplicate_of: string | null
  has_evidence: boolean
  evidence_url: string | null
  best_view?: BestView | null
  instructions: string
}

/** One step in the life of an alert; without a person it was the system's. */
export interface AlertStep {
  at: string
  act: AlertAct | 'raise' | 'note'
  state: AlertState
  user_id: string | null
  username: string | null
  note: string
  detail: { to?: string; verdict?: Verdict; duplicate_of?: string }
}

export interface AlertFilter {
  state?: readonly AlertState[]
  owner?: 'me'
  camera_id?: string
  cursor?: string
  limit?: number
}

/** What is said with an act: a note with each, the person with `assign`, the verdict with `resolve` and `close`. */
export interface ActBody {
  note?: string
  user_id?: string
  verdict?: Verdict
  duplicate_of?: string
}

export function listAlerts({ state = [], ...filter }: AlertFilter): Promise<Page<Alert>> {
  return call('GET', state.reduce((path, one) => withQuery(path, { state: one }), withQuery('/alerts', { ...filter })))
}

export const readAlert = (id: string) => call<Alert>('GET', `/alerts/${id}`)
export const doAct = (id: string, act: AlertAct, body: ActBody = {}) => call<Alert>('POST', `/alerts/${id}/${act}`, body)
export const addNote = (id: string, note: string) => call<Alert>('POST', `/alerts/${id}/notes`, { note })
export const readHistory = (id: string) => call<AlertStep[]>('GET', `/alerts/${id}/history`)
export const listHandlers = (id: string) => call<{ id: string; username: string }[]>('GET', `/alerts/${id}/handlers`)

/** The film of an alert; throws `ApiError` when there is none, or a purpose is wanted first. */
export async function readClip(id: string): Promise<Blob> {
  const response = await fetch(`/api/v1/alerts/${id}/clip.mp4`, { credentials: 'same-origin' }).catch(() => null)
  if (response === null) throw unreachable()
  if (!response.ok) throw await readProblem(response)
  return response.blob()
}

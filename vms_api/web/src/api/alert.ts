import { call, withQuery, type Page } from '@/api/client'
import { readProblem, unreachable } from '@/api/problem'
import type { RuleKind, Severity } from '@/api/rule'

export type AlertState = 'NEW' | 'ACKNOWLEDGED' | 'ASSIGNED' | 'IN_PROGRESS' | 'RESOLVED' | 'CLOSED' | 'REOPENED'

export type AlertAct = 'acknowledge' | 'assign' | 'progress' | 'resolve' | 'close' | 'reopen' | SuperviseAct

/** What a dispatcher does with an alert between the centres. */
export type SuperviseAct = 'escalate' | 'urge' | 'take-over' | 'send-back'

/** Why the system itself passed an alert up or reminded of it. */
export type StepReason = 'not-acknowledged' | 'not-resolved' | 'nobody-on-duty'

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
  /** The centre that answers for it now, and how many centres up it has come. */
  centre_id: string | null
  centre_name: string | null
  level: number
  acknowledge_by: string | null
  resolve_by: string | null
  overdue: Wait | null
  /** When its centre was last urged or reminded. */
  urged_at: string | null
  has_evidence: boolean
  evidence_url: string | null
  best_view?: BestView | null
  instructions: string
  /** The first alert of its run: the same camera and rule, again and again. `repeats` is how many followed the first, or
   * as the how many-th another one came; `last_at` of the first is when the latest was raised. */
  incident_id: string
  repeats: number
  last_at: string
  checklist: ChecklistStep[]
}

/** What somebody still owes to an alert. */
export type Wait = 'acknowledge' | 'resolve'

/** One line of the rule's instructions. */
export interface ChecklistStep {
  text: string
  done: boolean
  by: string | null
  at: string | null
}

/** One step in the life of an alert; without a person it was the system's. */
export interface AlertStep {
  at: string
  act: AlertAct | 'raise' | 'note' | 'remind' | 'attach' | 'check' | 'join' | 'storm'
  state: AlertState
  user_id: string | null
  username: string | null
  note: string
  detail: { from?: string; to?: string; name?: string; text?: string; done?: boolean; reason?: StepReason; verdict?: Verdict; duplicate_of?: string }
}

export interface AlertFilter {
  state?: readonly AlertState[]
  owner?: 'me'
  camera_id?: string
  centre_id?: string
  overdue?: boolean
  folded?: boolean
  incident_id?: string
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

export const MOST_AT_ONCE = 200

/** What became of one of many: the alert as it is now, or what the server said against it. */
export interface BulkResult {
  id: string
  alert: Alert | null
  problem: { code: string; status: number; who_can_grant?: string[] } | null
}

/** What happened near an alert at about its time. */
export interface Related {
  alerts: Alert[]
  cameras: { id: string; name: string }[]
}

export function listAlerts({ state = [], ...filter }: AlertFilter): Promise<Page<Alert>> {
  return call('GET', state.reduce((path, one) => withQuery(path, { state: one }), withQuery('/alerts', { ...filter })))
}

export const readAlert = (id: string) => call<Alert>('GET', `/alerts/${id}`)
export const doAct = (id: string, act: AlertAct, body: ActBody = {}) => call<Alert>('POST', `/alerts/${id}/${act}`, body)
export const addNote = (id: string, note: string) => call<Alert>('POST', `/alerts/${id}/notes`, { note })
export const readHistory = (id: string) => call<AlertStep[]>('GET', `/alerts/${id}/history`)
export const listHandlers = (id: string) => call<{ id: string; username: string }[]>('GET', `/alerts/${id}/handlers`)

export const checkStep = (id: string, step: number, done: boolean) => call<Alert>('PUT', `/alerts/${id}/checklist/${step}`, { done })
export const readRelated = (id: string) => call<Related>('GET', `/alerts/${id}/related`)

/** One act about many alerts; each has its own answer. At most `MOST_AT_ONCE`. */
export async function doBulk(ids: readonly string[], act: AlertAct, body: ActBody): Promise<BulkResult[]> {
  const { results } = await call<{ results: BulkResult[] }>('POST', '/alerts/bulk', { ids, act, ...body })
  return results
}

/** The film of an alert; throws `ApiError` when there is none, or a purpose is wanted first. */
export async function readClip(id: string): Promise<Blob> {
  const response = await fetch(`/api/v1/alerts/${id}/clip.mp4`, { credentials: 'same-origin' }).catch(() => null)
  if (response === null) throw unreachable()
  if (!response.ok) throw await readProblem(response)
  return response.blob()
}

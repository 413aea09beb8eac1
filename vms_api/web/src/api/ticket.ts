import { API_ROOT, call, upload, withQuery } from '@/api/client'
import type { BulkResult } from '@/api/alert'
import type { Attachment } from '@/api/attachment'
import type { ShareOf, Times, Window } from '@/api/report'
import type { Severity } from '@/api/rule'

export const TICKET_STATES = ['open', 'assigned', 'in-progress', 'paused', 'fixed', 'closed'] as const
export type TicketState = (typeof TICKET_STATES)[number]

export const TICKET_CAUSES = [
  'offline',
  'not-recording',
  'clock',
  'drift',
  'storage',
  'node',
  'patrol',
  'other',
  'quality-loss',
  'quality-freeze',
  'quality-dark',
  'quality-bright',
  'quality-blur',
  'quality-occlusion',
  'quality-cast',
  'quality-snow',
  'quality-stripes',
  'quality-shift',
  'quality-stutter',
] as const
export type TicketCause = (typeof TICKET_CAUSES)[number]

export const PAUSE_REASONS = ['power-cut', 'road-works', 'waiting-for-parts', 'weather', 'other'] as const
export type PauseReason = (typeof PAUSE_REASONS)[number]

export const TICKET_ACTS = ['assign', 'start', 'pause', 'resume', 'fix', 'due', 'close', 'reopen'] as const
export type TicketAct = (typeof TICKET_ACTS)[number]

/** A firm that repairs and has no account. */
export interface Contractor {
  name: string
  contact: string
}

export interface Ticket {
  id: string
  number: number
  subject: string
  /** Null where it is about a disk, the node, or cameras that went away together. */
  camera_id: string | null
  camera_name: string
  camera_count: number
  area_id: string
  cause: TicketCause
  severity: Severity
  state: TicketState
  opened_at: string
  found_at: string
  due_at: string
  overdue: boolean
  assignee_id: string | null
  assignee: string | null
  contractor: Contractor | null
  repeats: number
  repeated: boolean
  evidence: string | null
  proof: string | null
  source: string | null
  facts: Record<string, string | number>
  cleared_at: string | null
  fixed_at: string | null
  closed_at: string | null
  pause: { reason: PauseReason; note: string; since: string; until: string | null } | null
  paused_s: number
  parts: string[]
  /** The ticket as whose duplicate it was closed. */
  duplicate_of: string | null
}

/** One step of its history; without a person it was the system's. */
export interface TicketStep {
  at: string
  act: TicketAct | 'found' | 'join' | 'found-again' | 'clear' | 'confirm' | 'send-back' | 'move' | 'note' | 'attach'
  state: TicketState
  user_id: string | null
  username: string | null
  note: string
  detail: { to?: string; name?: string; why?: string; reason?: PauseReason; parts?: string[]; due_at?: string; number_of?: number }
}

export interface TicketDetail extends Ticket {
  history: TicketStep[]
  camera_ids: string[]
}

export interface TicketPage {
  items: Ticket[]
  next_cursor: string | null
  open: number
  overdue: number
  unassigned: number
}

export interface TicketFilter {
  state?: readonly TicketState[]
  cause?: readonly TicketCause[]
  area_id?: string
  assignee?: string
  contractor?: string
  camera_id?: string
  overdue?: true
  order?: 'due' | 'newest'
  cursor?: string
  limit?: number
}

/** What is said with an act: a note with each, and what the act itself needs. */
export interface TicketActBody {
  note?: string
  user_id?: string
  contractor?: Contractor
  due_at?: string
  duplicate_of?: string
  reason?: PauseReason
  until?: string
  parts?: string[]
}

export interface Assignees {
  people: { id: string; username: string }[]
  contractors: Contractor[]
}

export function listTickets({ state = [], cause = [], ...rest }: TicketFilter): Promise<TicketPage> {
  const several = new URLSearchParams([...state.map((one) => ['state', one]), ...cause.map((one) => ['cause', one])])
  return call<TicketPage>('GET', withQuery(`/tickets?${several}`, rest))
}

export const readTicket = (id: string) => call<TicketDetail>('GET', `/tickets/${id}`)
export const openTicket = (body: { camera_id: string; severity: Severity; note: string }) => call<TicketDetail>('POST', '/tickets', body)
export const doTicketAct = (id: string, act: TicketAct, body: TicketActBody = {}) => call<TicketDetail>('POST', `/tickets/${id}/${act}`, body)
export const addTicketNote = (id: string, note: string) => call<TicketDetail>('POST', `/tickets/${id}/notes`, { note })
/** To whom tickets of all these areas can be given. */
export const listAssignees = (areaIds: readonly string[]) => call<Assignees>('GET', `/ticket-assignees?${new URLSearchParams(areaIds.map((id) => ['area_id', id]))}`)

/** What became of one of many: the ticket as it is now, or why it was refused. */
export interface TicketBulkResult {
  id: string
  ticket: Ticket | null
  problem: BulkResult['problem']
}

/** One act about many tickets; each has its own answer. At most `MOST_AT_ONCE`. */
export async function doTicketBulk(ids: readonly string[], act: TicketAct, body: TicketActBody): Promise<TicketBulkResult[]> {
  const { results } = await call<{ results: TicketBulkResult[] }>('POST', '/tickets/bulk', { ids, act, ...body })
  return results
}

export const ticketPhotoAddress = (id: string) => `${API_ROOT}/ticket-photos/${id}`
export const qualityPictureAddress = (id: string) => `${API_ROOT}/quality-pictures/${id}`
export const addTicketPhoto = (ticketId: string, file: File) => upload<Attachment>(withQuery(`/tickets/${ticketId}/photos`, { name: file.name.slice(-200) }), file)

export async function listTicketPhotos(ticketId: string): Promise<Attachment[]> {
  const { items } = await call<{ items: Attachment[] }>('GET', `/tickets/${ticketId}/photos`)
  return items
}

/** Planned work, in which cameras are expected to be away; it counts once somebody else has approved it. */
export interface MaintenanceWindow {
  id: string
  area_id: string
  camera_ids: string[] | null
  starts_at: string
  ends_at: string
  reason: string
  asked_at: string
  asked_by: string | null
  asked_by_me: boolean
  approved_at: string | null
  approved_by: string | null
}

export type MaintenanceIn = { starts_at: string; ends_at: string; reason: string } & ({ area_id: string } | { camera_ids: string[] })

export async function listMaintenance(from: string): Promise<MaintenanceWindow[]> {
  return (await call<{ items: MaintenanceWindow[] }>('GET', withQuery('/maintenance-windows', { from }))).items
}

export const addMaintenance = (body: MaintenanceIn) => call<MaintenanceWindow>('POST', '/maintenance-windows', body)
export const approveMaintenance = (id: string) => call<MaintenanceWindow>('POST', `/maintenance-windows/${id}/approve`)
export const endMaintenance = (id: string) => call<undefined>('DELETE', `/maintenance-windows/${id}`)

/** Hours to mend what is found, by severity; null: as in the area above. */
export interface TicketTimes {
  area_id: string
  high_hours: number | null
  medium_hours: number | null
  low_hours: number | null
}

export type AllTicketTimes = { items: TicketTimes[] } & Record<'high_hours' | 'medium_hours' | 'low_hours', number>

export const listTicketTimes = () => call<AllTicketTimes>('GET', '/ticket-times')
export const setTicketTimes = (times: TicketTimes) => call<TicketTimes>('PUT', '/ticket-times', times)

export const TICKET_GROUPINGS = ['cause', 'area', 'assignee'] as const
export type TicketGrouping = (typeof TICKET_GROUPINGS)[number]

export interface TicketFigures {
  key: string
  name: string
  opened: number
  closed: number
  open: number
  overdue: number
  repeated: number
  closure: ShareOf
  in_time: ShareOf
  repair: Times
  paused_s: number
}

export interface TicketReport {
  by: TicketGrouping
  window: Window
  items: TicketFigures[]
  total: TicketFigures
}

export type TicketReportFilter = Window & { by: TicketGrouping; area_id?: string }

export const readTicketReport = (filter: TicketReportFilter) => call<TicketReport>('GET', withQuery('/reports/tickets', { ...filter }))
export const ticketReportAddress = (filter: TicketReportFilter, format: 'csv' | 'xlsx', language: string) =>
  API_ROOT + withQuery('/reports/tickets', { ...filter, format, language })

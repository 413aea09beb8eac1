import { call, listAll, withQuery, type Page } from '@/api/client'
import type { AlertState } from '@/api/alert'
import type { Severity } from '@/api/rule'

/** Centres, their rosters and their handovers (`vms_api/duty`). */
export interface OnDuty {
  at: string
  shift: string | null
  people: { id: string; username: string; shift: string }[]
  has_roster: boolean
  /** False where a roster says that somebody should be there and nobody is. */
  is_manned: boolean
  time_zone: string
  /** When the last one leaves without another; null: not within the coming week. */
  until: string | null
}

export interface CentreOnDuty {
  area_id: string
  name: string
  phone: string | null
  parent_id: string | null
  on_duty: OnDuty
  open: number
  overdue: number
}

/** A span of some days of the week, Monday is 0; an end before the start lies on the next day. */
export interface Shift {
  id: string
  name: string
  days: number[]
  starts: string
  ends: string
  user_ids: string[]
}

/** Who takes a shift that starts on that day; nobody: it does not take place. */
export interface ShiftException {
  date: string
  shift_id: string
  user_ids: string[]
}

export interface RosterIn {
  version: number
  shifts: Shift[]
  exceptions: ShiftException[]
}

export interface Span {
  starts: string
  ends: string
}

export interface Roster extends RosterIn {
  /** In which the clock times of the shifts are read. */
  time_zone: string
  gaps: Span[]
  overlaps: (Span & { shift_ids: [string, string] })[]
  people: { id: string; username: string; may_handle: boolean }[]
}

export const TROUBLES = ['offline', 'frozen', 'not-recording'] as const

export interface Handover {
  id: string
  centre_id: string
  centre_name: string
  at: string
  user_id: string
  username: string
  shift: string | null
  note: string
  record: {
    open_count: number
    overdue_count: number
    open_alerts: {
      id: string
      camera_name: string
      rule_name: string
      severity: Severity
      state: AlertState
      raised_at: string
      overdue: 'acknowledge' | 'resolve' | null
      owner: string | null
    }[]
    faulty_count: number
    faulty_cameras: { id: string; name: string; state: string; troubles: (typeof TROUBLES)[number][]; since: string }[]
    on_duty: string[]
    patrol_count: number
    /** Rounds that are not over; nobody has begun one without a name. */
    open_patrols: {
      id: string
      name: string
      due_at: string
      deadline_at: string
      late: boolean
      user_name: string | null
      done_count: number
      stop_count: number
    }[]
  }
  signature: { at: string; user_id: string; username: string; note: string } | null
}

export const listCentres = () => listAll<CentreOnDuty>('/centres')
export const readRoster = (centreId: string) => call<Roster>('GET', `/centres/${centreId}/roster`)
export const putRoster = (centreId: string, roster: RosterIn) => call<Roster>('PUT', `/centres/${centreId}/roster`, roster)
export const listHandovers = (centreId: string, cursor?: string) =>
  call<Page<Handover>>('GET', withQuery(`/centres/${centreId}/handovers`, { cursor, limit: 20 }))
export const handOver = (centreId: string, note: string) => call<Handover>('POST', `/centres/${centreId}/handovers`, { note })
export const signHandover = (id: string, note: string) => call<Handover>('POST', `/handovers/${id}/sign`, { note })

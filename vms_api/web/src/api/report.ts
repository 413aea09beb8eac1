import { API_ROOT, call, withQuery, type Page } from '@/api/client'
import type { Alert, AlertState, Verdict } from '@/api/alert'

export const GROUPINGS = ['rule', 'camera', 'centre', 'day'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** Raised in [from, to). */
export interface Window {
  from: string
  to: string
}

/** Nearest-rank percentiles in seconds of so many; null of nothing. */
export interface Times {
  count: number
  p50_s: number | null
  p90_s: number | null
}

/** A share with what it is made of; null where there is nothing to divide by. */
export interface ShareOf {
  numerator: number
  denominator: number
  share: number | null
}

/** What was raised, how far it has come and what it was; all but `raised` and `duplicate` count cards. */
export interface AlertFigures {
  key: string
  name: string
  window: Window | null
  raised: number
  cards: number
  acknowledged: number
  resolved: number
  closed: number
  open: number
  overdue: number
  true: number
  false: number
  duplicate: number
  test: number
  false_share: ShareOf
  acknowledge: Times
  resolve: Times
}

export interface AlertReport {
  by: Grouping
  window: Window
  items: AlertFigures[]
  total: AlertFigures
  exclusions: { repeats: number; tests: number; duplicates: number; wrong_clock: number }
}

export interface ReportFilter extends Window {
  by: Grouping
  area_id?: string
}

/** The alerts behind a number. */
export interface BehindFilter extends Window {
  area_id?: string
  rule_id?: string
  camera_id?: string
  centre_id?: string
  state?: readonly AlertState[]
  verdict?: Verdict
  overdue?: boolean
  folded?: boolean
}

export const readAlertReport = (filter: ReportFilter) => call<AlertReport>('GET', withQuery('/reports/alerts', { ...filter }))

export const reportAddress = (filter: ReportFilter, format: 'csv' | 'xlsx', language: string) =>
  API_ROOT + withQuery('/reports/alerts', { ...filter, format, language })

export function listBehind({ state = [], ...filter }: BehindFilter, cursor?: string): Promise<Page<Alert>> {
  return call('GET', state.reduce((path, one) => withQuery(path, { state: one }), withQuery('/alerts', { ...filter, cursor, limit: 50 })))
}

import { API_ROOT, call, withQuery } from '@/api/client'
import type { Times, Window } from '@/api/report'

/** Figures of patrol: of rounds, never a score of a person. */
export const PATROL_GROUPINGS = ['person', 'centre', 'plan', 'week', 'day'] as const
export type PatrolGrouping = (typeof PATROL_GROUPINGS)[number]

export interface PatrolShare {
  numerator: number
  denominator: number
  share: number | null
}

export interface PatrolFigures {
  key: string
  name: string
  due: number
  /** Not over yet, and in no share. */
  open: number
  completed: number
  missed: number
  late: number
  aborted: number
  abandoned: number
  /** Explained afterwards; they count all the same. */
  excused: number
  completion: PatrolShare
  punctuality: PatrolShare
  cameras: number
  findings: Record<string, number>
  closure: Times & { open: number }
}

export interface PatrolReport {
  by: PatrolGrouping
  window: Window
  items: PatrolFigures[]
  total: PatrolFigures
}

export interface PatrolReportFilter extends Window {
  by: PatrolGrouping
  area_id?: string
}

export const readPatrolReport = (filter: PatrolReportFilter) => call<PatrolReport>('GET', withQuery('/reports/patrols', { ...filter }))

export const patrolReportAddress = (filter: PatrolReportFilter, format: 'csv' | 'xlsx', language: string) =>
  API_ROOT + withQuery('/reports/patrols', { ...filter, format, language })

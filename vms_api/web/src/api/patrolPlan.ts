import { call, listAll, withQuery } from '@/api/client'
import type { Camera } from '@/api/camera'
import type { RoundState } from '@/api/patrolRound'

/** Plans of online patrol, and what is read out of them (`vms_api/patrols`). */
export interface PatrolQuestion {
  text: string
  expected: 'yes' | 'no' | null
}

export const GRIDS = [1, 4, 9] as const
export type PatrolGrid = (typeof GRIDS)[number]

export interface PlanStop {
  id: string
  camera_id: string
  preset: string | null
  dwell_s: number
  questions: PatrolQuestion[]
  /** The picture with which the live one is compared; null: none was chosen. */
  reference_id: string | null
}

/** A span of clock times on days of the week (Monday is 0) or of the month; an end before the start is on the next day. */
export interface PlanWindow {
  days: number[]
  /** Only on these days of the month; -1 is the last one, null is all. */
  month_days: number[] | null
  starts: string
  ends: string
  /** A round again and again within the window; null: one. */
  every_s: number | null
  /** The start lies somewhere in the window, another one each day. */
  randomised: boolean
}

export interface PlanSchedule {
  windows: PlanWindow[]
  skip_holidays: boolean
  holidays: string[]
}

/** Who is asked to go: these people, or whoever is on duty at the centre. */
export type PlanPeople = { user_ids: string[] } | { roster: true }

export interface PatrolPlanIn {
  area_id: string
  name: string
  enabled: boolean
  stops: PlanStop[]
  order: 'fixed' | 'shuffled'
  grid: PatrolGrid
  people: PlanPeople
  schedule: PlanSchedule
  /** The share of stops with a verdict at which a round is complete. */
  complete_at: number
  deadline_s: number
}

interface KeptPlan {
  id: string
  /** A change names the version that it was made from. */
  version: number
  /** Null: no round will be due. */
  next_due_at: string | null
  updated_at: string
  updated_by: string | null
}

export interface PatrolPlan extends PatrolPlanIn, KeptPlan {
  /** In which the clock times of the schedule are read. */
  time_zone: string
  /** The stops whose camera is gone, or in another area by now. */
  missing: string[]
}

/** A plan on a list: without its stops, of which there may be ten thousand. */
export interface ListedPlan extends Omit<PatrolPlanIn, 'stops' | 'order' | 'complete_at'>, KeptPlan {
  stop_count: number
}

/** All of a plan but its area, cameras and people. The page has the words for its key. */
export interface PlanTemplate {
  key: string
  order: 'fixed' | 'shuffled'
  grid: PatrolGrid
  dwell_s: number
  schedule: PlanSchedule
  complete_at: number
  deadline_s: number
}

export interface Coverage {
  in_no_plan: Pick<Camera, 'id' | 'name'>[]
  not_seen: { camera: Pick<Camera, 'id' | 'name'>; last_seen_at: string | null }[]
}

/** A round in the calendar: foreseen, due, on its way or over. */
export interface PlannedRound {
  plan_id: string
  name: string
  due_at: string
  deadline_at: string
  /** Null while it is only foreseen. */
  round_id: string | null
  state: RoundState | 'planned'
}

/** A plan as a rotation of the wall. */
export interface Tour {
  plan_id: string
  name: string
  grid: PatrolGrid
  stops: { camera_id: string; dwell_s: number; preset: string | null }[]
}

export const listPlans = () => listAll<ListedPlan>('/patrol-plans')
export const readPlan = (id: string) => call<PatrolPlan>('GET', `/patrol-plans/${id}`)
/** The next times at which rounds would be due. */
export interface PlanPreview {
  dues: string[]
  time_zone: string
}

export const previewPlan = (schedule: PlanSchedule, planId: string | null) => call<PlanPreview>('POST', '/patrol-plans/preview', { schedule, plan_id: planId })
export const listTemplates = () => listAll<PlanTemplate>('/patrol-plans/templates')
export const addPlan = (plan: PatrolPlanIn) => call<PatrolPlan>('POST', '/patrol-plans', plan)
export const changePlan = (id: string, plan: PatrolPlanIn, version: number) => call<PatrolPlan>('PUT', `/patrol-plans/${id}`, { ...plan, version })
export const removePlan = (id: string) => call<void>('DELETE', `/patrol-plans/${id}`)
export const readCalendar = (areaId: string, from: string, to: string) =>
  call<{ rounds: PlannedRound[] }>('GET', withQuery('/patrol-calendar', { area_id: areaId, from, to })).then(({ rounds }) => rounds)
export const listTours = () => call<{ items: Tour[] }>('GET', '/patrol-tours').then(({ items }) => items)
export const readCoverage = (areaId: string, days: number) => call<Coverage>('GET', withQuery('/patrol-coverage', { area_id: areaId, days }))

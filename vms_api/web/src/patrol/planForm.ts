import type { PatrolPlanIn, PlanSchedule, PlanStop, PlanTemplate, PlanWindow } from '@/api/patrolPlan'

export const MOST_STOPS = 10_000
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
export const MORNING: PlanWindow = { days: EVERY_DAY, month_days: null, starts: '08:00', ends: '10:00', every_s: null, randomised: false }

export function emptyPlan(areaId: string): PatrolPlanIn {
  const schedule: PlanSchedule = { windows: [structuredClone(MORNING)], skip_holidays: false, holidays: [] }
  const first = { area_id: areaId, name: '', enabled: true, stops: [], order: 'fixed', grid: 1 } as const
  return { ...first, stops: [], people: { roster: true }, schedule, complete_at: 1, deadline_s: 7200 }
}

/** The plan as a template has it; its route, its area and its people stay. */
export function byTemplate(plan: PatrolPlanIn, template: PlanTemplate): PatrolPlanIn {
  const { order, grid, schedule, complete_at, deadline_s, dwell_s } = structuredClone(template)
  return { ...plan, order, grid, schedule, complete_at, deadline_s, stops: plan.stops.map((stop) => ({ ...stop, dwell_s })) }
}

/** The route with the camera put in before a place, with the dwell and the questions of the stop before it. */
export function withCamera(stops: readonly PlanStop[], cameraId: string, at: number): PlanStop[] {
  if (stops.length >= MOST_STOPS) return [...stops]
  const like = stops[Math.min(at, stops.length) - 1] ?? stops.at(-1)
  const stop: PlanStop = {
    id: crypto.randomUUID(),
    camera_id: cameraId,
    preset: null,
    dwell_s: like?.dwell_s ?? 15,
    questions: (like?.questions ?? []).map((question) => ({ ...question })),
    reference_id: null,
  }
  return stops.toSpliced(at, 0, stop)
}

/** The route with one stop taken to another place. */
export function moved(stops: readonly PlanStop[], from: number, to: number): PlanStop[] {
  const stop = stops[from]
  if (stop === undefined || to < 0 || to >= stops.length) return [...stops]
  return stops.toSpliced(from, 1).toSpliced(to, 0, stop)
}

export const PLAN_GAPS = ['name', 'area', 'stops', 'people', 'windows', 'questions'] as const
export type PlanGap = (typeof PLAN_GAPS)[number]

/** What is still missing. */
export function planGaps(plan: PatrolPlanIn): PlanGap[] {
  const missing: Record<PlanGap, boolean> = {
    name: plan.name.trim() === '',
    area: plan.area_id === '',
    stops: plan.stops.length === 0,
    people: 'user_ids' in plan.people && plan.people.user_ids.length === 0,
    questions: plan.stops.some(({ questions }) => questions.some(({ text }) => text.trim() === '')),
    windows: plan.schedule.windows.some(({ days }) => days.length === 0),
  }
  return PLAN_GAPS.filter((gap) => missing[gap])
}

/** How long one walk takes at least. */
export const walkS = (stops: readonly PlanStop[], grid: number): number => {
  let total = 0
  for (let first = 0; first < stops.length; first += grid) total += Math.max(...stops.slice(first, first + grid).map(({ dwell_s }) => dwell_s))
  return total
}

/** The last day of a month, whichever that is. */
export const LAST_DAY = -1
export const MONTH_DAYS = [...Array.from({ length: 31 }, (_, index) => index + 1), LAST_DAY]

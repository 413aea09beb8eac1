import type { RecordingPlan } from '@/api/recording'

/** A schedule that a new plan begins with: working days by day are nobody's wish, nights are. */
const NIGHTS = { windows: [{ days: [0, 1, 2, 3, 4, 5, 6], start: '20:00', end: '06:00' }] }

/** The plan with another mode; a plan by schedule has one from the beginning. */
export function withMode(plan: RecordingPlan, mode: RecordingPlan['mode']): RecordingPlan {
  return { ...plan, mode, schedule: mode === 'scheduled' ? (plan.schedule ?? structuredClone(NIGHTS)) : plan.schedule }
}

/** What is sent: a schedule belongs to a plan by schedule alone. */
export const planOf = (draft: RecordingPlan): RecordingPlan => ({ ...draft, schedule: draft.mode === 'scheduled' ? draft.schedule : null })

/** Which fields do not go together, before the server is asked. */
export function planGaps(draft: RecordingPlan): { schedule: boolean; retention_max_days: boolean } {
  const windows = draft.schedule?.windows ?? []
  const { retention_min_days: least, retention_max_days: most } = draft
  return {
    schedule: draft.mode === 'scheduled' && (windows.length === 0 || windows.some(({ days }) => days.length === 0)),
    retention_max_days: least !== null && most !== null && most < least,
  }
}

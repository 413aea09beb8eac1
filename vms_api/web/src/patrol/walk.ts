import type { PatrolGrid } from '@/api/patrolPlan'
import type { Round, RoundStop, RoundSummary, StopVerdict, Unreachable } from '@/api/patrolRound'

/** The stops that are on the screen together: the page of the grid in which the stop in hand lies. */
export function shownStops(stops: readonly RoundStop[], current: number, grid: PatrolGrid): RoundStop[] {
  const first = Math.floor(Math.max(0, current) / grid) * grid
  return stops.slice(first, first + grid)
}

/** Where one goes after a verdict: the next stop that has none, from here on and then from the beginning; null: none is left. */
export function nextOpen(stops: readonly RoundStop[], current: number): number | null {
  const order = stops.map((_, offset) => (current + 1 + offset) % stops.length)
  return order.find((index) => stops[index]?.verdict === null) ?? null
}

/** The stops whose pictures are connected in advance: what comes on the screen after these. */
export function comingStops(stops: readonly RoundStop[], current: number, grid: PatrolGrid): RoundStop[] {
  const next = nextOpen(stops, grid === 1 ? current : shownStops(stops, current, grid).at(-1)?.index ?? current)
  if (next === null) return []
  const shown = new Set(shownStops(stops, current, grid).map(({ id }) => id))
  return shownStops(stops, next, grid).filter(({ id }) => !shown.has(id))
}

/** Whether somebody is at the stop now. */
export const isOpen = (stop: RoundStop): boolean => stop.arrived_at !== null && stop.left_at === null && stop.verdict === null

/** Seconds that are still needed before this can be said of the stop: what the server has counted, and what has passed
 * since, if it counts. What is wrong can be said at once, and what cannot be reached takes no time. */
export function stillNeeded(stop: RoundStop, verdict: StopVerdict, sinceCountedS: number): number {
  if (stop.unreachable || verdict === 'abnormal') return 0
  const counted = verdict === 'normal' ? stop.present_s : stop.attended_s
  return Math.max(0, Math.ceil(stop.dwell_s - counted - sinceCountedS))
}

const OF_UNREACHABLE: Record<Unreachable, readonly StopVerdict[]> = {
  offline: ['camera-fault', 'cannot-judge'],
  'no-right': ['cannot-judge'],
  removed: ['cannot-judge'],
}

/** Whether the verdict can be said of the stop at all: of what nobody can see little can be. */
export const fits = (stop: RoundStop, verdict: StopVerdict): boolean =>
  !stop.unreachable || OF_UNREACHABLE[stop.unreachable_why ?? 'offline'].includes(verdict)

/** So many are judged, or could not be reached. */
export const doneCount = (stops: readonly RoundStop[]): number => stops.filter(({ verdict, unreachable }) => verdict !== null || unreachable).length

/** Whether so many stops are done that the round may be ended. */
export const mayFinish = ({ stops, complete_at }: Pick<Round, 'stops' | 'complete_at'>): boolean =>
  stops.length > 0 && doneCount(stops) >= Math.ceil(stops.length * complete_at - 1e-9)

/** Whether an answer differs from what was expected; where nothing is expected, none does. */
export const isOdd = (expected: 'yes' | 'no' | null, answer: string | null | undefined): boolean =>
  expected !== null && answer !== null && answer !== undefined && answer !== expected

export type RoundUrgency = 'calm' | 'soon' | 'late' | 'over'

const SOON_MS = 15 * 60_000

/** How pressing a round is: over when it was missed or abandoned or its deadline has passed, late when the server says so. */
export function roundUrgency(round: Pick<RoundSummary, 'state' | 'late' | 'deadline_at'>, nowMs: number): RoundUrgency {
  if (round.state === 'missed' || round.state === 'abandoned') return 'over'
  if (round.state === 'completed' || round.state === 'aborted') return round.late ? 'late' : 'calm'
  const leftMs = Date.parse(round.deadline_at) - nowMs
  if (leftMs <= 0) return 'over'
  if (round.late) return 'late'
  return leftMs <= SOON_MS ? 'soon' : 'calm'
}

export const isAtWork = (round: Pick<Round, 'state'>): boolean => round.state === 'running' || round.state === 'paused'
export const isOver = (round: Pick<Round, 'state'>): boolean => !isAtWork(round) && round.state !== 'due'

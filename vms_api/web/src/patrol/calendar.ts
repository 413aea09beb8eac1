import type { PlannedRound } from '@/api/patrolPlan'
import { laterBy, today, weekOf } from '@/duty/week'

/** The days of the week with the rounds that are due on them in that zone, in order of time. */
export function weekRounds(rounds: readonly PlannedRound[], monday: string, timeZone: string): { day: string; rounds: PlannedRound[] }[] {
  return weekOf(monday).map((day) => ({
    day,
    rounds: rounds.filter((round) => today(new Date(round.due_at), timeZone) === day).toSorted((a, b) => a.due_at.localeCompare(b.due_at)),
  }))
}

/** What to ask the server for, so that the whole week is in it whatever the zone's offset is. */
export function weekSpan(monday: string): { from: string; to: string } {
  return { from: `${laterBy(monday, -1)}T00:00:00Z`, to: `${laterBy(monday, 8)}T00:00:00Z` }
}

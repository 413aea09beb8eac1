import { shallowRef } from 'vue'
import { listRounds, type RoundSummary } from '@/api/patrolRound'
import { hearPatrol } from '@/state/feed'
import { may } from '@/state/me'

const REFRESH_MS = 30_000
const GATHER_MS = 500

/** The rounds that wait for this person: due, on their way or paused; the next deadline first. */
export const myRounds = shallowRef<RoundSummary[]>([])

export async function loadMyRounds(): Promise<void> {
  const found = may('patrol.run') ? await listRounds({ mine: true, state: ['due', 'running', 'paused'] }) : []
  myRounds.value = found.toSorted((a, b) => a.deadline_at.localeCompare(b.deadline_at))
}

/** Looks now, whenever a round changes, and every half minute, until the answer is called. */
export function followPatrol(look: () => Promise<unknown>): () => void {
  let gathering = 0
  const read = () => void look().catch(() => undefined) // Asked again soon.
  const readSoon = () => {
    clearTimeout(gathering)
    gathering = window.setTimeout(read, GATHER_MS)
  }
  read()
  const timer = window.setInterval(read, REFRESH_MS)
  const stopHearing = hearPatrol(readSoon)
  return () => {
    clearTimeout(gathering)
    clearInterval(timer)
    stopHearing()
  }
}

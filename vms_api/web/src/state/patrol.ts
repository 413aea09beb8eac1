import { shallowRef } from 'vue'
import { listPrompts, type RoundSummary } from '@/api/patrolRound'
import { hearPatrol } from '@/state/feed'
import { may } from '@/state/me'

const REFRESH_MS = 30_000
const GATHER_MS = 500

/** The rounds that this person is asked to take, or has in hand; the next deadline first. */
export const myRounds = shallowRef<RoundSummary[]>([])

export async function loadMyRounds(): Promise<void> {
  myRounds.value = may('patrol.run') ? await listPrompts() : []
}

/** Looks now, whenever a round changes, and every half minute, until the answer is called. */
export function followPatrol(look: () => Promise<unknown>): () => void {
  let waiting = 0
  const read = () => void look().catch(() => undefined) // Asked again soon.
  const readSoon = () => {
    clearTimeout(waiting)
    waiting = window.setTimeout(read, GATHER_MS)
  }
  read()
  const timer = window.setInterval(read, REFRESH_MS)
  const stopHearing = hearPatrol(readSoon)
  return () => {
    clearTimeout(waiting)
    clearInterval(timer)
    stopHearing()
  }
}

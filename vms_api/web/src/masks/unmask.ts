import type { UnmaskRequest } from '@/api/unmask'

/** A request that nobody decided in this time cannot be approved any more. */
const WAITS_FOR_MS = 24 * 3600 * 1000

export type UnmaskWord = 'pending' | 'approved' | 'rejected' | 'over'

/** Where a request stands at `now` (Unix ms): what ran out is over, whatever was decided. */
export function unmaskWord(request: UnmaskRequest, now: number): UnmaskWord {
  if (request.state === 'pending') return now < Date.parse(request.requested_at) + WAITS_FOR_MS ? 'pending' : 'over'
  if (request.state === 'rejected') return 'rejected'
  return secondsLeft(request, now) > 0 ? 'approved' : 'over'
}

/** For how many seconds an approved request still holds; 0 when it does not. */
export function secondsLeft(request: UnmaskRequest, now: number): number {
  return request.expires_at === null ? 0 : Math.max(0, (Date.parse(request.expires_at) - now) / 1000)
}

/** The person's own approved request that holds longest. */
export function ownGrant(requests: readonly UnmaskRequest[], username: string, now: number): UnmaskRequest | null {
  const held = requests.filter((one) => one.requested_by === username && unmaskWord(one, now) === 'approved')
  return held.toSorted((a, b) => secondsLeft(b, now) - secondsLeft(a, now))[0] ?? null
}

/** The requests that this person may decide: never one's own. */
export const decidable = (requests: readonly UnmaskRequest[], username: string, now: number): UnmaskRequest[] =>
  requests.filter((one) => one.requested_by !== username && unmaskWord(one, now) === 'pending')

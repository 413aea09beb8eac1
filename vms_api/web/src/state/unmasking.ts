import { shallowRef } from 'vue'
import { listUnmaskRequests, type UnmaskRequest } from '@/api/unmask'
import { may } from '@/state/me'

const REFRESH_MS = 30_000

/** Requests to see without masks, about cameras that the person might unmask; the newest first. */
export const unmaskRequests = shallowRef<UnmaskRequest[]>([])

export async function loadUnmaskRequests(): Promise<void> {
  unmaskRequests.value = may('unmasked.view') ? await listUnmaskRequests() : []
}

/** Keeps the list fresh until the answer is called: a request waits for a person, not for a page to be opened. */
export function followUnmaskRequests(): () => void {
  const look = () => void loadUnmaskRequests().catch(() => undefined) // Asked again soon.
  look()
  const timer = window.setInterval(look, REFRESH_MS)
  return () => clearInterval(timer)
}

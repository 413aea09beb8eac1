import { shallowRef } from 'vue'
import { listExports, type ExportRequest } from '@/api/export'
import { may } from '@/state/me'

const REFRESH_MS = 30_000

/** Requests to take footage out, as far as the person may see them; the newest first. */
export const exportRequests = shallowRef<ExportRequest[]>([])

export async function loadExports(): Promise<void> {
  exportRequests.value = may('export.request') || may('export.approve') ? await listExports() : []
}

/** Keeps the list fresh until the answer is called: a request waits for a person, not for a page to be opened. */
export function followExports(): () => void {
  const look = () => void loadExports().catch(() => undefined) // Asked again soon.
  look()
  const timer = window.setInterval(look, REFRESH_MS)
  return () => clearInterval(timer)
}

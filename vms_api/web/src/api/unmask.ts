import { call, listAll } from '@/api/client'

export type UnmaskState = 'pending' | 'approved' | 'rejected'

export interface UnmaskIn {
  /** A key of the site's list of purposes. */
  purpose: string
  reason: string
  minutes: number
}

/** A request to see a camera without its masks. `expires_at` is set by the approval. */
export interface UnmaskRequest extends UnmaskIn {
  id: string
  camera_id: string
  state: UnmaskState
  requested_by: string
  requested_at: string
  decided_by: string | null
  decided_at: string | null
  expires_at: string | null
}

export const MOST_UNMASKED_MINUTES = 30

export const askToUnmask = (cameraId: string, wanted: UnmaskIn) =>
  call<UnmaskRequest>('POST', `/cameras/${cameraId}/unmask-requests`, wanted)
export const listUnmaskRequests = (state?: UnmaskState) => listAll<UnmaskRequest>(`/unmask-requests${state ? `?state=${state}` : ''}`)
export const decideUnmask = (id: string, act: 'approve' | 'reject') => call<UnmaskRequest>('POST', `/unmask-requests/${id}/${act}`, {})

import { call, listAll } from '@/api/client'

export const EXPORT_STATES = ['REQUESTED', 'APPROVED', 'BUILDING', 'READY', 'DOWNLOADED', 'REJECTED', 'FAILED', 'EXPIRED'] as const
export type ExportState = (typeof EXPORT_STATES)[number]

export interface ExportIn {
  camera_ids: string[]
  from: string
  to: string
  note: string
}

/** A request to take footage out of the system: approved by somebody else, then downloaded once. */
export interface ExportRequest extends ExportIn {
  id: string
  state: ExportState
  purpose: { id: string; key: string; reference: string } | null
  requested_by: string
  requested_at: string
  decided_by: string | null
  decided_at: string | null
  expires_at: string
  downloaded_at: string | null
  /** What the range lacks, known from the request on. */
  missing: { camera_id: string; from: string; to: string; reason: string }[]
  size_bytes: number | null
  /** A stable code. */
  failure: string | null
  /** 0 to 1 while it is being built. */
  progress: number | null
  /** A part of the range is still being recorded; it is built once that file is whole. */
  waits_for_recording: boolean
}

export const MOST_EXPORTED_CAMERAS = 4

export const listExports = () => listAll<ExportRequest>('/exports')
export const requestExport = (wanted: ExportIn) => call<ExportRequest>('POST', '/exports', wanted)
export const decideExport = (id: string, act: 'approve' | 'reject') => call<ExportRequest>('POST', `/exports/${id}/${act}`, {})

/** The address of the package, good for one download that begins at once. */
export async function packageAddress(id: string): Promise<string> {
  return (await call<{ url: string }>('POST', `/exports/${id}/download-ticket`, {})).url
}

import { call, upload, withQuery, type Page } from '@/api/client'
import type { LedgerValue } from '@/api/ledger'

export const ROW_ACTIONS = ['add', 'update', 'same', 'skip', 'error'] as const
export type RowAction = (typeof ROW_ACTIONS)[number]
/** `failed`: refused while writing. */
export type RowFilter = RowAction | 'failed'

export interface LedgerImport {
  id: string
  file_name: string
  columns: string[]
  column_details: { name: string; samples: string[]; not_kept: boolean }[]
  /** Column → field. */
  mapping: Record<string, string>
  is_remembered: boolean
  area_id: string | null
  encoding: string | null
  state: 'planned' | 'running' | 'done' | 'cancelled' | 'failed'
  /** 0 to 1 of the commit. */
  progress: number
  counts: Record<RowAction, number>
  failed: number
  expires_at: string
}

export interface RowFault {
  field: string
  code: string
  detail: string
  params: Record<string, unknown>
}

export interface ImportRow {
  /** Its number in the file. */
  row: number
  action: RowAction
  name: string
  camera_id: string | null
  values: Record<string, LedgerValue | null>
  errors: RowFault[]
  result: 'done' | 'failed' | null
}

export const beginImport = (file: File) => upload<LedgerImport>(withQuery('/cameras/imports', { file_name: file.name.slice(0, 200) }), file)
export const readImport = (id: string) => call<LedgerImport>('GET', `/cameras/imports/${id}`)
export const mapImport = (id: string, mapping: Record<string, string>, area_id: string | null) =>
  call<LedgerImport>('PUT', `/cameras/imports/${id}/mapping`, { mapping, area_id })
export const listRows = (id: string, action?: RowFilter, cursor?: string) =>
  call<Page<ImportRow>>('GET', withQuery(`/cameras/imports/${id}/rows`, { action, cursor, limit: 100 }))
export const commitImport = (id: string) => call<LedgerImport>('POST', `/cameras/imports/${id}/commit`)
export const cancelImport = (id: string) => call<void>('DELETE', `/cameras/imports/${id}`)

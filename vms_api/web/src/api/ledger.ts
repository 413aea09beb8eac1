import { API_ROOT, call, withQuery } from '@/api/client'

export type FieldKind = 'text' | 'choice' | 'number' | 'date' | 'flag'
export const FIELD_GROUPS = ['identity', 'responsibility', 'equipment', 'place', 'network', 'life', 'storage', 'sign'] as const
export type FieldGroup = (typeof FIELD_GROUPS)[number]

/** A field of the ledger with its words in both languages; of `registry` are the columns that an import has beside. */
export interface LedgerField {
  name: string
  group: FieldGroup | 'registry'
  kind: FieldKind
  zh: string
  en: string
  choices: { key: string; zh: string; en: string }[] | null
  max_length: number | null
  required: boolean
  /** Told only to who manages the camera. */
  restricted: boolean
}

export type LedgerValue = string | number | boolean

export interface CameraLedger {
  camera_id: string
  values: Record<string, LedgerValue>
  completeness: { filled: number; required: number }
  /** The mandatory fields without a value. */
  missing: string[]
  /** Sent back as `base_version`. */
  version: number
  updated_at: string | null
  updated_by: string | null
}

export interface LedgerFields {
  fields: LedgerField[]
  registry_columns: LedgerField[]
}

/** An area with all below it: `complete` of its `cameras` lack nothing; `rate` is filled to mandatory fields, 0 to 1. */
export interface AreaCompleteness {
  area_id: string
  cameras: number
  complete: number
  rate: number | null
}

/** A kind of place in which no camera may be, and who says so. */
export interface ProhibitedPlace {
  kind: string
  by: 'law' | 'site'
}

export type TableFormat = 'csv' | 'xlsx'
export type TableEncoding = 'utf-8' | 'gb18030'

export const readFields = () => call<LedgerFields>('GET', '/ledger/fields')
export const readLedger = (cameraId: string) => call<CameraLedger>('GET', `/cameras/${cameraId}/ledger`)
export const changeLedger = (cameraId: string, values: Record<string, LedgerValue | null>, base_version: number) =>
  call<CameraLedger>('PUT', `/cameras/${cameraId}/ledger`, { values, base_version })

/** Of every area in which the person sees cameras. */
export const readCompleteness = () => call<{ items: AreaCompleteness[] }>('GET', '/ledger/completeness').then(({ items }) => items)

export const readProhibited = () => call<{ items: ProhibitedPlace[] }>('GET', '/site/prohibited-places').then(({ items }) => items)
/** Replaces what the site prohibits beside the law. */
export const changeProhibited = (kinds: string[]) => call<{ items: ProhibitedPlace[] }>('PUT', '/site/prohibited-places', { kinds }).then(({ items }) => items)

export const templateAddress = (format: TableFormat, language: string) => API_ROOT + withQuery('/ledger/template', { format, language })
export const ledgerExportAddress = (format: TableFormat, encoding: TableEncoding, language: string, areaId?: string) =>
  API_ROOT + withQuery('/cameras/export', { format, encoding, language, area_id: areaId })

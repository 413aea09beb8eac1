import { call } from '@/api/client'

/** One line of the site's closed list. */
export interface PurposeChoice {
  key: string
  zh: string
  en: string
}

export interface Purpose {
  id: string
  key: string
  reference: string
  camera_ids: string[]
  area_id: string | null
  created_at: string
  expires_at: string
}

/** What a purpose is for: some cameras, or an area with all below it. */
export type PurposeScope = { camera_ids: string[] } | { area_id: string }

export interface Purposes {
  choices: PurposeChoice[]
  asked_for: string[]
  valid: Purpose[]
}

export const readPurposes = () => call<Purposes>('GET', '/purposes')
export const statePurpose = (key: string, reference: string, scope: PurposeScope) =>
  call<Purpose>('POST', '/purposes', { key, reference, ...scope })

import { API_ROOT, call, withQuery, type Page } from '@/api/client'

/** What can be wrong with a picture, each judged by itself (`analytics/quality/category.py`). */
export const CATEGORIES = ['loss', 'freeze', 'dark', 'bright', 'blur', 'occlusion', 'cast', 'snow', 'stripes', 'shift', 'stutter'] as const
export type QualityCategory = (typeof CATEGORIES)[number]

export const QUALITY_STATES = ['abnormal', 'unknown', 'ok'] as const
export type QualityState = (typeof QUALITY_STATES)[number]

/** One respect of one look: `state` is what it saw, `standing` what holds after so many in a row. */
export interface QualityFinding {
  category: QualityCategory
  state: QualityState
  standing: QualityState
  /** 100 for a picture with which nothing is wrong, below 60 for an abnormal one. */
  score: number | null
  value: number | null
  threshold: number | null
  usual: number | null
  confidence: number
  reason: string
}

export interface QualityFault {
  category: QualityCategory
  since: string
}

/** A camera with its last look. */
export interface QualityCheck {
  camera_id: string
  camera_name: string
  area_id: string
  state: QualityState
  /** Why nothing is known. */
  reason: string
  checked_at: string | null
  method_version: string
  findings: QualityFinding[]
  /** What is abnormal, or was when the camera could last be judged. */
  faults: QualityFault[]
  abnormal_since: string | null
  picture_id: string | null
}

/** A change of one category, or without one of the camera as a whole. */
export interface QualityChange {
  id: number
  category: QualityCategory | null
  was: QualityState
  state: QualityState
  at: string
  score: number | null
  reason: string
  picture_id: string | null
}

export interface ReferencePicture {
  id: string
  state: 'proposed' | 'confirmed'
  at: string
  by: string | null
}

export interface CameraQuality extends QualityCheck {
  reference: ReferencePicture | null
  /** A PTZ camera: where it points is up to whoever moves it. */
  moves: boolean
  changes: QualityChange[]
}

export interface QualityCounts {
  states: Record<QualityState, number>
  categories: Partial<Record<QualityCategory, number>>
}

export interface QualityFilter {
  area_id?: string
  state?: QualityState
  category?: QualityCategory
}

export const listQuality = (filter: QualityFilter, cursor?: string) => call<Page<QualityCheck>>('GET', withQuery('/quality', { ...filter, cursor, limit: 100 }))
export const countQuality = (areaId?: string) => call<QualityCounts>('GET', withQuery('/quality-counts', { area_id: areaId }))
export const readQuality = (cameraId: string) => call<CameraQuality>('GET', `/cameras/${cameraId}/quality`)
export const checkQuality = (cameraId: string) => call<void>('POST', `/cameras/${cameraId}/quality/check`, {})
export const takeReference = (cameraId: string, pictureId: string) => call<ReferencePicture>('PUT', `/cameras/${cameraId}/quality/reference`, { picture_id: pictureId })
export const objectToVerdict = (cameraId: string, category: QualityCategory, note: string) => call<void>('POST', `/cameras/${cameraId}/quality/${category}/wrong`, { note })
/** Each look at it is recorded. */
export const qualityPicture = (pictureId: string) => `${API_ROOT}/quality-pictures/${pictureId}`

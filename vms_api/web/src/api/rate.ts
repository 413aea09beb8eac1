import { API_ROOT, call, withQuery, type Page } from '@/api/client'

export const RATES = ['online', 'stream-intact', 'picture-intact', 'recording-completeness', 'retention-met', 'clock-compliance', 'ledger-completeness', 'networking', 'purposed-use', 'patrol-completion', 'alert-handling', 'ticket-closure'] as const
export type Rate = (typeof RATES)[number]
/** Those that are counted camera by camera; of the others there is no list of cameras. */
export const CAMERA_RATES: readonly Rate[] = RATES.slice(0, 9)

export type Unit = 's' | 'camera-days' | 'cameras' | 'fields' | 'rounds' | 'alerts' | 'tickets'

export interface Excluded {
  camera_id: string
  seconds: number
  why: string
  approved_by: string
}

/** `value` is null where there is nothing to divide by, or too little is known (`insufficient`). */
export interface RateValue {
  rate: Rate
  numerator: number
  denominator: number
  value: number | null
  unit: Unit
  coverage: number
  insufficient: boolean
  target: number | null
  excluded: Excluded[]
  method_version: string
}

export interface Counting {
  version: number
  computed_at: string
  method_version: string
  cause: string
  changed: number
}

export interface AreaRef {
  id: string
  name: string
  kind: string
}

export interface AreaRates {
  area: AreaRef
  from: string
  to: string
  time_zone: string
  rates: RateValue[]
  days: (Counting & { day: string })[]
  missing_days: number
}

export interface Standing {
  area_id: string
  name: string
  kind: string
  rank: number | null
  value: RateValue
  before: number | null
  change: number | null
  days: (number | null)[]
}

export interface TrendPoint {
  day: string
  value: RateValue
}

export interface CameraRate {
  camera_id: string
  camera_name: string | null
  value: RateValue
}

/** A round, an alert or a ticket that a rate of areas was counted from; `code` is the state, the kind or the cause. */
export interface RateCase {
  id: string
  name: string
  code: string
  area_id: string
  at: string
  number: number | null
  result: 'against' | 'for' | 'open' | 'left-out'
}

export interface EvidenceSpan {
  from: string
  to: string
  note: string
}

export const EVIDENCE = ['unknown', 'offline', 'main_offline', 'switched_off', 'faulty', 'not_recorded', 'excluded'] as const

export interface Evidence extends Record<(typeof EVIDENCE)[number], EvidenceSpan[]> {
  camera_id: string
  day: string
  from: string
  to: string
  expected: EvidenceSpan[]
  oldest_recording: string | null
  clock_offset_s: number | null
  filled: number | null
  required: number
  used: boolean
  versions: Counting[]
}

export interface Target {
  rate: Rate
  target: number | null
  reason: string
  set_by: string | null
  set_at: string | null
}

export const REASONS = ['retired', 'relocation', 'power', 'other'] as const
export type Reason = (typeof REASONS)[number]

export interface ExclusionIn {
  camera_id: string
  starts_at: string
  ends_at: string | null
  why: Reason
  note: string
}

export interface Exclusion extends ExclusionIn {
  id: string
  area_id: string
  asked_by: string
  asked_at: string
  approved_by: string | null
  approved_at: string | null
}

/** Days of the site's clocks, both counted. */
export interface RateFilter {
  area_id?: string
  from: string
  to: string
}

export const readRates = (filter: RateFilter) => call<AreaRates>('GET', withQuery('/rates', { ...filter }))
export const readLeague = (filter: RateFilter, rate: Rate) => call<{ items: Standing[] }>('GET', withQuery('/rates/league', { ...filter, rate }))
export const readTrend = (filter: RateFilter, rate: Rate) => call<{ items: TrendPoint[] }>('GET', withQuery('/rates/trend', { ...filter, rate }))
export const readCameraRates = (filter: RateFilter, rate: Rate) => call<{ items: CameraRate[]; total: number }>('GET', withQuery(`/rates/${rate}/cameras`, { ...filter }))
export const readCases = (filter: RateFilter, rate: Rate) => call<{ items: RateCase[]; total: number }>('GET', withQuery(`/rates/${rate}/cases`, { ...filter }))
export const readEvidence = (cameraId: string, day: string) => call<Evidence>('GET', withQuery(`/cameras/${cameraId}/rate-evidence`, { day }))
export const recompute = (day: string) => call<Counting & { day: string }>('POST', '/rates/recompute', { day })

export const readTargets = () => call<{ targets: Target[] }>('GET', '/rate-targets')
export const putTargets = (targets: Pick<Target, 'rate' | 'target' | 'reason'>[]) => call<{ targets: Target[] }>('PUT', '/rate-targets', { targets })

export const listExclusions = () => call<{ items: Exclusion[] }>('GET', '/rate-exclusions')
export const addExclusion = (body: ExclusionIn) => call<Exclusion>('POST', '/rate-exclusions', body)
export const approveExclusion = (id: string) => call<Exclusion>('POST', `/rate-exclusions/${id}/approve`, {})
export const endExclusion = (id: string) => call<undefined>('DELETE', `/rate-exclusions/${id}`)

export const PERIODS = ['day', 'week', 'month'] as const
export const FORMATS = ['html', 'xlsx', 'csv'] as const
export type Format = (typeof FORMATS)[number]

export interface ScheduledReportIn {
  area_id: string
  name: string
  period: (typeof PERIODS)[number]
  language: 'zh-CN' | 'en'
  formats: Format[]
  recipients: string[]
  enabled: boolean
}

export interface ScheduledReport extends ScheduledReportIn {
  id: string
  created_by: string
  created_at: string
  done_until: string | null
}

export interface ReportFile {
  id: string
  report_id: string
  area_id: string
  name: string
  format: Format
  first_day: string
  last_day: string
  size_bytes: number
  sha256: string
  made_at: string
  mail: 'none' | 'due' | 'sent' | 'failed'
}

export const listScheduled = () => call<{ items: ScheduledReport[]; has_mail: boolean }>('GET', '/scheduled-reports')
export const addScheduled = (body: ScheduledReportIn) => call<ScheduledReport>('POST', '/scheduled-reports', body)
export const putScheduled = (id: string, body: ScheduledReportIn) => call<ScheduledReport>('PUT', `/scheduled-reports/${id}`, body)
export const removeScheduled = (id: string) => call<undefined>('DELETE', `/scheduled-reports/${id}`)
export const runScheduled = (id: string) => call<{ items: ReportFile[] }>('POST', `/scheduled-reports/${id}/run`, {})
export const listReportFiles = (cursor?: string) => call<Page<ReportFile>>('GET', withQuery('/report-files', { cursor, limit: 50 }))
export const reportFileAddress = (id: string) => `${API_ROOT}/report-files/${id}`

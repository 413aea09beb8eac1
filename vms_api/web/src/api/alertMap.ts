import { call, withQuery } from '@/api/client'
import type { Verdict } from '@/api/alert'

/** One field of the grid with alerts in it, counted from the top left, from 0. */
export interface MapCell {
  column: number
  row: number
  count: number
}

/** How one rule has done. `alerts` were raised; `verdicts` and `precision` are of first alerts, which a person judged; null while none was found true or false. */
export interface RulePrecision {
  rule_id: string
  rule_name: string
  alerts: number
  verdicts: Partial<Record<Verdict, number>>
  precision: number | null
}

export interface AlertMap {
  days: number
  columns: number
  rows: number
  cells: MapCell[]
  rules: RulePrecision[]
  complete: boolean
}

export const readAlertMap = (cameraId: string, days: number) => call<AlertMap>('GET', withQuery(`/cameras/${cameraId}/alert-map`, { days }))

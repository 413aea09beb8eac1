import { call } from '@/api/client'
import type { RuleIn } from '@/api/rule'

export interface WouldRaise {
  at: string
  label: string
  score: number
  box: [left: number, top: number, right: number, bottom: number]
}

/** A rule tried on a recording. `items` ends at 500, `count` does not. */
export interface Simulation {
  id: string
  state: 'running' | 'done' | 'cancelled' | 'failed'
  progress: number
  recorded_s: number
  seen_s: number
  count: number
  suppressed: number
  unreadable: number
  /** Pictures that the detector failed on. */
  unjudged: number
  detector: string | null
  items: WouldRaise[]
}

const path = (cameraId: string) => `/cameras/${cameraId}/rules`

export const startSimulation = (cameraId: string, rule: RuleIn, from: string, to: string) =>
  call<Simulation>('POST', `${path(cameraId)}/simulate`, { rule, from, to })
export const readSimulation = (cameraId: string, id: string) => call<Simulation>('GET', `${path(cameraId)}/simulations/${id}`)
export const cancelSimulation = (cameraId: string, id: string) => call<void>('DELETE', `${path(cameraId)}/simulations/${id}`)

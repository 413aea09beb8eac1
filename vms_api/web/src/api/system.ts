import { call } from '@/api/client'

export type NodeState = 'up' | 'starting' | 'down'

/** What became of the detector's twin in eight bits, where one was made. */
export type TwinCode = 'twin-taken' | 'twin-not-quicker' | 'twin-inexact' | 'twin-outdated' | 'twin-unusable'

export interface SystemStatus {
  version: string
  /** `time_zone` is that of schedules. */
  site: { name: string; time_zone: string }
  node: { state: NodeState; since: string | null }
  /** `labels` are the classes that it tells; null where the node does not say. */
  detector: { name: string; runtime: string | null; labels: string[] | null; fallback: boolean; reason: string | null; twin: TwinCode | null } | null
  uptime_s: number
}

export const readSystem = () => call<SystemStatus>('GET', '/system')

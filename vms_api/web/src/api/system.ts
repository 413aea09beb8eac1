import { call } from '@/api/client'

export type NodeState = 'up' | 'starting' | 'down'

export interface SystemStatus {
  version: string
  node: { state: NodeState; since: string | null }
  detector: { name: string; runtime: string | null; fallback: boolean; reason: string | null } | null
  uptime_s: number
}

export const readSystem = () => call<SystemStatus>('GET', '/system')

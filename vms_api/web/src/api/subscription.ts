import { call } from '@/api/client'
import type { Severity } from '@/api/rule'

/** A daily span, as `22:00` and `06:30`. */
export interface QuietTime {
  starts: string
  ends: string
}

/** What the person wants to hear of, and how. Without areas: of all that the person sees. */
export interface Subscription {
  areas: string[]
  severities: Severity[]
  quiet: QuietTime[]
  sound: boolean
  browser: boolean
  email: string | null
}

export const readSubscription = () => call<Subscription>('GET', '/me/notifications')

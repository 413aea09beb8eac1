import { call, withQuery, type Page } from '@/api/client'
import type { StreamRole } from '@/api/camera'

/** How a stream is set up; null where it is not known. */
export interface StreamSettings {
  codec: string | null
  width: number | null
  height: number | null
  fps: number | null
  bitrate_kbps: number | null
  gop_s: number | null
}

/** A stream as it is wanted, as it was at the last look, and the names of what differs. */
export interface DeviceStream {
  role: StreamRole
  expected: StreamSettings | null
  actual: StreamSettings | null
  drift: string[]
}

export interface Relay {
  token: string
  /** Null until it was switched from here, or the device has told. */
  active: boolean | null
}

/** What is known of the device of a camera since the last look; `kind` is null for a camera without one. */
export interface Device {
  kind: 'onvif' | null
  device_url: string | null
  state: 'reachable' | 'unreachable' | 'refused' | 'unknown'
  /** Why the last look failed. */
  fault: string | null
  checked_at: string | null
  manufacturer: string
  model: string
  firmware: string
  serial: string
  /** The device's clock minus ours. */
  clock_offset_s: number | null
  clock_checked_at: string | null
  time_zone: string
  /** "NTP" for a device that follows a time server. */
  time_source: string
  certificate: { expires_at: string; fingerprint_sha256: string; pinned: boolean } | null
  capabilities: { ptz: boolean; events: boolean; imaging: boolean; relays: Relay[] }
  streams: DeviceStream[]
  /** Whether it is listened to even where no rule needs it. */
  wants_notices: boolean
  subscription: { state: 'held' | 'none' | 'failed'; renewed_at: string | null }
}

const place = (id: string) => `/cameras/${id}/device`

export const readDevice = (id: string) => call<Device>('GET', place(id))
export const checkDevice = (id: string) => call<Device>('POST', `${place(id)}/check`, {})
export const setDeviceClock = (id: string) => call<Device>('POST', `${place(id)}/clock`, {})
export const rebootDevice = (id: string) => call<void>('POST', `${place(id)}/reboot`, {})
export const askKeyFrame = (id: string) => call<void>('POST', `${place(id)}/keyframe`, {})
/** Null: any certificate that the device's link allows. */
export const pinCertificate = (id: string, fingerprint: string | null) => call<Device>('PUT', `${place(id)}/certificate`, { fingerprint_sha256: fingerprint })
export const takeExpected = (id: string) => call<Device>('PUT', `${place(id)}/expected`)
export const switchRelay = (id: string, token: string, active: boolean) =>
  call<Device>('POST', `${place(id)}/relays/${encodeURIComponent(token)}`, { active })

export const NOTICES = ['motion', 'tamper', 'digital-input', 'signal-loss'] as const

/** Something that a device noticed by itself. `active` is null where it told no state; `source` is its own word. */
export interface DeviceNotice {
  id: string | number
  at: string
  kind: (typeof NOTICES)[number]
  active: boolean | null
  source: string
}

export const listNotices = (id: string, cursor?: string) =>
  call<Page<DeviceNotice>>('GET', withQuery(`${place(id)}/notices`, { cursor, limit: 50 }))
/** Whether the device is listened to even where no rule needs it. */
export const wantNotices = (id: string, wanted: boolean) => call<Device>('PUT', `${place(id)}/notices`, { wanted })

import { API_ROOT, call } from '@/api/client'

/** Whether the camera can be moved from here, and who moves it now. */
export interface Ptz {
  is_available: boolean
  holder: string | null
  /** Where it turns when nobody had it for so many seconds: a preset, null for home. */
  idle_return: { preset: string | null; after_s: number | null } | null
}

/** Speeds from -1 to 1: right, up and closer are positive. */
export interface PtzSpeed {
  pan: number
  tilt: number
  zoom: number
}

/** A stored position. */
export interface Preset {
  token: string
  name: string
}

const place = (id: string) => `/cameras/${id}/ptz`

export const readPtz = (id: string) => call<Ptz>('GET', place(id))
export const movePtz = (id: string, speed: PtzSpeed, seconds: number) => call<void>('POST', `${place(id)}/move`, { ...speed, seconds })
/** `confirmed`: the camera says that it stands, or cannot say. */
export const stopPtz = (id: string) => call<{ confirmed: boolean }>('POST', `${place(id)}/stop`)
/** A preset's token; null is the home position. */
export const turnPtz = (id: string, preset: string | null) => call<void>('POST', `${place(id)}/go`, { preset })
export const listPresets = (id: string) => call<{ items: Preset[] }>('GET', `${place(id)}/presets`).then(({ items }) => items)
export const storePreset = (id: string, name: string) => call<Preset>('POST', `${place(id)}/presets`, { name })
export const removePreset = (id: string, token: string) => call<void>('DELETE', `${place(id)}/presets/${encodeURIComponent(token)}`)

/** Null seconds: it stays where it was left. */
export const setIdleReturn = (id: string, preset: string | null, after_s: number | null) => call<Ptz>('PUT', `${place(id)}/idle-return`, { preset, after_s })

/** Stops while the page goes away: nobody hears the answer, and the request outlives the page. */
export const stopPtzLeaving = (id: string) => void navigator.sendBeacon(`${API_ROOT}${place(id)}/stop`)

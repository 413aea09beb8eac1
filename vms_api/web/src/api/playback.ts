import { call } from '@/api/client'
import type { Span } from '@/api/recording'

/** Above four times the speed the server sends key frames alone. */
export type SpeedClass = 'normal' | 'keyframes'

export interface PlaybackIn {
  from: string
  /** At most six hours later. */
  to: string
  speed_class: SpeedClass
}

export interface Playback {
  id: string
  playlist_url: string
  expires_at: string
  spans: Span[]
}

export const openPlayback = (cameraId: string, wanted: PlaybackIn) => call<Playback>('POST', `/cameras/${cameraId}/playback`, wanted)
export const closePlayback = (id: string) => call<void>('DELETE', `/playbacks/${id}`)

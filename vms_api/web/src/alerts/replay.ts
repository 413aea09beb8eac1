import type { Alert } from '@/api/alert'
import { BEFORE_ALERT_MS } from '@/playback/moments'

/** The page on which a camera's recording is seen from a little before what the rule saw. */
export function replayOf(cameraId: string, { frame_received_at }: Alert) {
  const at = new Date(Date.parse(frame_received_at) - BEFORE_ALERT_MS).toISOString()
  return { path: '/playback', query: { cameras: cameraId, at } }
}

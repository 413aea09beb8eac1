import type { StreamRole } from '@/api/camera'

const MAIN_FROM = 1.4
const SUB_BELOW = 1.1

/** Which stream a tile of this height in device pixels wants: the small one while it fills the tile well enough. Between
 * the two bounds it stays as it is, so that dragging an edge does not open stream after stream. */
export function streamForSize(tilePixels: number, subHeight: number | null, present: StreamRole): StreamRole {
  if (subHeight === null || subHeight <= 0 || tilePixels <= 0) return present
  if (tilePixels > subHeight * MAIN_FROM) return 'main'
  return tilePixels < subHeight * SUB_BELOW ? 'sub' : present
}

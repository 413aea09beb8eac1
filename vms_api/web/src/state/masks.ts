import { reactive } from 'vue'
import type { Camera } from '@/api/camera'
import { readMasks } from '@/api/mask'

/** Whether a version of a camera's masks covers anything; undefined while that is asked. */
const covers = reactive(new Map<string, boolean | undefined>())

/** Whether parts of the camera's picture are covered. A version says only that masks were drawn at some time, not
 * whether they were lifted again, so each version is read once. */
export function isMasked({ id, health }: Camera): boolean {
  if (!health.mask_version) return false
  const key = `${id}@${health.mask_version}`
  if (!covers.has(key)) void ask(id, key)
  return covers.get(key) ?? true
}

async function ask(cameraId: string, key: string): Promise<void> {
  covers.set(key, undefined)
  const masks = await readMasks(cameraId).catch(() => null)
  if (masks !== null) covers.set(key, masks.polygons === null || masks.polygons.length > 0)
}

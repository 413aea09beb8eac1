import { shallowRef, watch, type ShallowRef } from 'vue'
import { changeMasks, readMasks, type MaskPolygon, type Masks } from '@/api/mask'
import { tell } from '@/ui/tell'

/** The privacy masks of one camera. */
export interface CameraMasks {
  masks: Readonly<ShallowRef<Masks | null>>
  load(): Promise<void>
  /** Replaces all masks; throws `ApiError`. When somebody else was quicker, theirs are read before it throws. */
  change(polygons: MaskPolygon[]): Promise<void>
}

export function useCameraMasks(cameraId: () => string): CameraMasks {
  const masks = shallowRef<Masks | null>(null)

  async function load(): Promise<void> {
    const id = cameraId()
    const found = await readMasks(id).catch(tell)
    if (found !== undefined && id === cameraId()) masks.value = found
  }

  async function change(polygons: MaskPolygon[]): Promise<void> {
    try {
      masks.value = await changeMasks(cameraId(), polygons, masks.value?.version ?? 0)
    } catch (error) {
      await load()
      throw error
    }
  }

  watch(cameraId, load, { immediate: true })
  return { masks, load, change }
}

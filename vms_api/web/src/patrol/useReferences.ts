import { ref, watch } from 'vue'
import { readReference, type RoundStop } from '@/api/patrolRound'

/** How stops should look: the picture that the plan names, else the one that was confirmed for the camera. It is asked
 * for before a stop comes on the screen, so that nothing moves when it does. */
export function useReferences(near: () => readonly RoundStop[]): (stop: RoundStop) => string | null {
  const byCamera = ref(new Map<string, string | null>())

  watch(
    () => near().filter(({ reference_id, camera_id }) => reference_id === null && !byCamera.value.has(camera_id)).map(({ camera_id }) => camera_id),
    async (unknown) => {
      for (const id of unknown) {
        byCamera.value.set(id, null)
        byCamera.value.set(id, await readReference(id).catch(() => null)) // Without one the live picture has all the room.
      }
    },
    { immediate: true },
  )
  return (stop) => stop.reference_id ?? byCamera.value.get(stop.camera_id) ?? null
}

import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { readAlertMap, type AlertMap } from '@/api/alertMap'
import { tell } from '@/ui/tell'

/** Where a camera's alerts came from; read when somebody asks to see it. */
export interface KnownAlertMap {
  days: Ref<number>
  isShown: Ref<boolean>
  map: Readonly<ShallowRef<AlertMap | null>>
}

export function useAlertMap(cameraId: () => string): KnownAlertMap {
  const days = ref(30)
  const isShown = ref(false)
  const map = shallowRef<AlertMap | null>(null)

  watch(cameraId, () => {
    isShown.value = false
    map.value = null
  })
  watch([isShown, days], async () => {
    if (!isShown.value) return
    const id = cameraId()
    const read = await readAlertMap(id, days.value).catch(tell)
    if (read !== undefined && id === cameraId()) map.value = read
  })
  return { days, isShown, map }
}

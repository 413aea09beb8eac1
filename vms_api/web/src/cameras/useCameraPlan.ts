import { shallowRef, watch, type ShallowRef } from 'vue'
import { listRules, type Rule } from '@/api/rule'
import { listZones, type Zone } from '@/api/zone'
import { tell } from '@/ui/tell'

/** What is watched for on one camera. */
export interface CameraPlan {
  zones: Readonly<ShallowRef<Zone[]>>
  rules: Readonly<ShallowRef<Rule[]>>
  isLoaded: Readonly<ShallowRef<boolean>>
  load(): Promise<void>
}

export function useCameraPlan(cameraId: () => string): CameraPlan {
  const zones = shallowRef<Zone[]>([])
  const rules = shallowRef<Rule[]>([])
  const isLoaded = shallowRef(false)

  async function load(): Promise<void> {
    const id = cameraId()
    const lists = await Promise.all([listZones(id), listRules(id)]).catch(tell)
    if (lists === undefined || id !== cameraId()) return // Another camera was opened meanwhile.
    ;[zones.value, rules.value] = lists
    isLoaded.value = true
  }

  watch(cameraId, load, { immediate: true })
  return { zones, rules, isLoaded, load }
}

import { shallowRef, watch } from 'vue'
import { readDevice, type Device } from '@/api/device'

/** What is known of a camera's device; null until it has been read, or where it cannot be. */
export function useDevice(cameraId: () => string) {
  const device = shallowRef<Device | null>(null)
  const refusal = shallowRef<unknown>(null)

  async function load(): Promise<void> {
    const id = cameraId()
    try {
      const told = await readDevice(id)
      if (id !== cameraId()) return // Another camera was opened meanwhile.
      device.value = told
      refusal.value = null
    } catch (error) {
      if (id === cameraId()) refusal.value = error
    }
  }

  watch(
    cameraId,
    () => {
      device.value = null
      void load()
    },
    { immediate: true },
  )
  return { device, refusal, load }
}

export type KnownDevice = ReturnType<typeof useDevice>

import { onScopeDispose } from 'vue'
import { hearQuality } from '@/state/feed'

const SOON_MS = 400

/** Calls `load` when the server tells of a change of pictures, once for several that come together. */
export function useFreshQuality(load: () => unknown, concerns: (cameraId: string) => boolean = () => true): void {
  let timer = 0
  const stop = hearQuality((cameraId) => {
    if (cameraId !== null && !concerns(cameraId)) return
    clearTimeout(timer)
    timer = window.setTimeout(load, SOON_MS)
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    stop()
  })
}

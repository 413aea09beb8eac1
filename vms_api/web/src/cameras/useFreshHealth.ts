import { onBeforeUnmount } from 'vue'
import { readCamera } from '@/api/camera'
import { putCamera } from '@/state/cameras'

const REFRESH_MS = 3000

/** Events tell changes of state; ages, rates and counts have to be asked for while somebody reads them. */
export function useFreshHealth(cameraId: () => string): void {
  const timer = window.setInterval(() => void readCamera(cameraId()).then(putCamera, () => undefined), REFRESH_MS)
  onBeforeUnmount(() => clearInterval(timer))
}

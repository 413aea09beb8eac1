import { computed, onBeforeUnmount, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { cancelScan, readScan, startScan, type Scan, type Where } from '@/api/discovery'
import { tell } from '@/ui/tell'

const POLL_MS = 400

/** The one scan of the site, as it runs. */
export interface ScanWatch {
  scan: Readonly<ShallowRef<Scan | null>>
  isRunning: ComputedRef<boolean>
  /** Why it could not be started; null when it could. */
  refusal: Ref<unknown>
  start(where: Where): Promise<boolean>
  cancel(): Promise<void>
}

/** Follows the scan while the component lives: somebody else may have started it. */
export function useScan(): ScanWatch {
  const scan = shallowRef<Scan | null>(null)
  const refusal = ref<unknown>(null)
  const isRunning = computed(() => scan.value?.state === 'running')
  let timer = 0

  async function follow(): Promise<void> {
    clearTimeout(timer)
    scan.value = await readScan().catch(() => scan.value) // Asked again in a moment; the page says when it is cut off.
    if (isRunning.value) timer = window.setTimeout(() => void follow(), POLL_MS)
  }

  async function start(where: Where): Promise<boolean> {
    refusal.value = null
    try {
      scan.value = await startScan(where)
    } catch (error) {
      refusal.value = error
      return false
    }
    void follow()
    return true
  }

  async function cancel(): Promise<void> {
    await cancelScan().catch(tell)
    await follow()
  }

  void follow()
  onBeforeUnmount(() => clearTimeout(timer))
  return { scan, isRunning, refusal, start, cancel }
}

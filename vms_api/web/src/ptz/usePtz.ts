import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import { listPresets, movePtz, readPtz, stopPtz, stopPtzLeaving, turnPtz, type Preset, type Ptz, type PtzSpeed } from '@/api/ptz'
import { HeldMove } from '@/ptz/held'
import { me } from '@/state/me'

const POLL_MS = 3000

/** Moving one camera: who has it, what is being done, and a Stop whatever becomes of the page. */
export function usePtz(cameraId: () => string) {
  const state = shallowRef<Ptz | null>(null)
  const presets = shallowRef<Preset[] | null>(null)
  const refusal = ref<unknown>(null)
  const isMoving = ref(false)
  /** What became of the last Stop; null while the camera moves, or before. */
  const stopped = ref<'asked' | 'confirmed' | 'unconfirmed' | null>(null)

  const holder = computed(() => state.value?.holder ?? null)
  const isElsewhere = computed(() => holder.value !== null && holder.value !== me.value?.username)

  async function attempt<T>(act: Promise<T>): Promise<T | undefined> {
    try {
      const answer = await act
      refusal.value = null
      return answer
    } catch (error) {
      refusal.value = error
      return undefined
    } finally {
      void refresh()
    }
  }

  async function stop(): Promise<void> {
    stopped.value = 'asked'
    const answer = await attempt(stopPtz(cameraId()))
    stopped.value = answer === undefined ? null : answer.confirmed ? 'confirmed' : 'unconfirmed'
  }

  const held = new HeldMove({
    move: (speed, seconds) => movePtz(cameraId(), speed, seconds).then(() => (refusal.value = null)),
    stop,
    failed: (error) => {
      isMoving.value = held.isHeld
      refusal.value = error
      void refresh()
    },
  })

  function hold(speed: PtzSpeed): void {
    stopped.value = null
    held.hold(speed)
    isMoving.value = true
  }

  function release(): void {
    held.release()
    isMoving.value = false
  }

  function stopNow(): void {
    held.forget()
    isMoving.value = false
    void stop()
  }

  const go = (preset: string | null) => attempt(turnPtz(cameraId(), preset))

  async function refresh(): Promise<void> {
    const id = cameraId()
    const answer = await readPtz(id).catch(() => undefined) // Asked again in a moment.
    if (answer !== undefined && id === cameraId()) state.value = answer
  }

  async function loadPresets(): Promise<void> {
    const id = cameraId()
    const listed = await attempt(listPresets(id))
    if (id === cameraId()) presets.value = listed ?? null
  }

  /** The window is not looked at any more: whoever held a key will not let it go here. */
  const leaveWindow = () => {
    if (document.visibilityState === 'hidden') release()
  }

  function leave(): void {
    if (!held.isHeld) return
    held.forget()
    stopPtzLeaving(cameraId())
  }

  const timer = window.setInterval(() => void refresh(), POLL_MS)
  onMounted(() => {
    window.addEventListener('blur', release)
    window.addEventListener('pagehide', leave)
    document.addEventListener('visibilitychange', leaveWindow)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    window.removeEventListener('blur', release)
    window.removeEventListener('pagehide', leave)
    document.removeEventListener('visibilitychange', leaveWindow)
    leave()
  })
  watch(cameraId, () => void Promise.all([refresh(), loadPresets()]), { immediate: true })

  return { state, presets, refusal, isMoving, stopped, holder, isElsewhere, attempt, hold, release, stopNow, go, loadPresets }
}

export type PtzDesk = ReturnType<typeof usePtz>

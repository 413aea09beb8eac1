import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { checkQuality, objectToVerdict, readQuality, takeReference, type CameraQuality, type QualityCategory } from '@/api/quality'
import { useFreshQuality } from '@/diagnosis/useFreshQuality'
import { tell } from '@/ui/tell'

const ASK_EVERY_MS = 2000
/** A look takes two pictures some seconds apart, and a key frame each; after so long it has come to nothing. */
const GIVE_UP_MS = 90_000

/** What is known of the pictures of one camera, and what a person does about it. */
export function useCameraQuality(cameraId: () => string) {
  const known = shallowRef<CameraQuality | null>(null)
  const isChecking = ref(false)
  let timer = 0

  async function load(): Promise<void> {
    const id = cameraId()
    const told = await readQuality(id).catch(tell)
    if (told !== undefined && id === cameraId()) known.value = told
  }

  /** Asks for a look now and waits until one has come. */
  async function check(): Promise<void> {
    const [id, before, untilMs] = [cameraId(), known.value?.checked_at, Date.now() + GIVE_UP_MS]
    isChecking.value = true
    const wasAsked = await checkQuality(id).then(() => true, tell)
    if (!wasAsked) return finish()
    const look = async () => {
      await load()
      const isOver = known.value?.checked_at !== before || Date.now() > untilMs || id !== cameraId()
      if (isOver) finish()
      else timer = window.setTimeout(look, ASK_EVERY_MS)
    }
    timer = window.setTimeout(look, ASK_EVERY_MS)
  }

  function finish(): void {
    clearTimeout(timer)
    isChecking.value = false
  }

  async function confirm(pictureId: string): Promise<void> {
    await takeReference(cameraId(), pictureId).catch(tell)
    await load()
  }

  async function object(category: QualityCategory, note: string): Promise<void> {
    await objectToVerdict(cameraId(), category, note).catch(tell)
    await load()
  }

  watch(
    cameraId,
    () => {
      finish()
      known.value = null
      void load()
    },
    { immediate: true },
  )
  useFreshQuality(load, (id) => id === cameraId())
  onScopeDispose(finish)
  return { known: computed(() => known.value), isChecking, load, check, confirm, object }
}

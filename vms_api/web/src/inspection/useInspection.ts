import { onBeforeUnmount, ref, watch } from 'vue'
import { closeInspection, inspectedPicture, openInspection, readInspection, type InspectedFrame } from '@/api/inspection'
import { withPurpose } from '@/purpose/asking'
import { tell } from '@/ui/tell'

const EVERY_MS = 1000

/** A look into the analysis of a camera, begun by a person and ended by leaving: nothing is asked of a node unseen. */
export function useInspection(cameraId: () => string) {
  const frame = ref<InspectedFrame | null>(null)
  /** Of the picture that belongs to `frame`. */
  const picture = ref<string | null>(null)
  const showsGate = ref(true)
  const id = ref<string | null>(null)
  const isOpening = ref(false)
  let timer = 0
  let opened = { cameraId: '', id: '' }

  async function begin(): Promise<void> {
    isOpening.value = true
    const camera = cameraId()
    const look = await withPurpose(camera, () => openInspection(camera)).catch(tell)
    isOpening.value = false
    if (!look) return
    opened = { cameraId: camera, id: look.id }
    id.value = look.id
    void ask()
  }

  async function ask(): Promise<void> {
    const look = opened
    if (id.value !== look.id) return
    if (!document.hidden) {
      const told = await readInspection(look.cameraId, look.id).catch((problem: unknown) => {
        if (id.value === look.id) {
          end()
          tell(problem)
        }
      })
      if (id.value !== look.id) return
      if (told?.frame && told.frame.number !== frame.value?.number) await show(told.frame, look)
    }
    timer = window.setTimeout(() => void ask(), EVERY_MS)
  }

  /** Frame and picture change together: boxes of one second on the picture of another would mislead. */
  async function show(next: InspectedFrame, look: typeof opened): Promise<void> {
    const image = new Image()
    image.src = inspectedPicture(look.cameraId, look.id, next.number, showsGate.value)
    await image.decode().catch(() => undefined)
    if (id.value !== look.id || image.naturalWidth === 0) return
    frame.value = next
    picture.value = image.src
  }

  function end(): void {
    clearTimeout(timer)
    if (id.value !== null) void closeInspection(opened.cameraId, opened.id).catch(() => undefined)
    id.value = null
    frame.value = null
    picture.value = null
  }

  watch(cameraId, end)
  onBeforeUnmount(end)
  return { frame, picture, showsGate, id, isOpening, begin, end }
}

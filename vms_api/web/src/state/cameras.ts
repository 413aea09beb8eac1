import { computed, reactive, ref } from 'vue'
import { listCameras, type Camera, type CameraHealth } from '@/api/camera'
import { i18n } from '@/i18n'

const byId = reactive(new Map<string, Camera>())

/** False until the first list has arrived: an empty list before that says nothing. */
export const camerasLoaded = ref(false)

/** All cameras by name, in the order of the person's language (pinyin in Chinese). */
export const cameras = computed(() => {
  const order = new Intl.Collator(i18n.global.locale.value, { numeric: true })
  return [...byId.values()].sort((a, b) => order.compare(a.name, b.name))
})

export const cameraById = (id: string): Camera | undefined => byId.get(id)

export async function loadCameras(): Promise<void> {
  const list = await listCameras()
  const kept = new Set(list.map((camera) => camera.id))
  for (const id of byId.keys()) if (!kept.has(id)) byId.delete(id)
  list.forEach(putCamera)
  camerasLoaded.value = true
}

export function putCamera(camera: Camera): void {
  byId.set(camera.id, camera)
}

/** The session is over: the next person may see other cameras, or none. */
export function forgetCameras(): void {
  byId.clear()
  camerasLoaded.value = false
}

export function dropCamera(id: string): void {
  byId.delete(id)
}

export function putHealth(id: string, health: CameraHealth): void {
  const camera = byId.get(id)
  if (camera) camera.health = health
}

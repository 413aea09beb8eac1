import { computed, ref, shallowRef, watchEffect } from 'vue'
import { cameras, camerasLoaded } from '@/state/cameras'
import { isBoolean, stored } from '@/state/stored'
import { EMPTY_LAYOUT, filledBy, isLayout, linkedTiles, visibleTiles, type WallLayout } from '@/wall/layout'

/** The wall as this browser remembers it. */
export const layout = stored<WallLayout>('wall', EMPTY_LAYOUT, isLayout)
export const withBoxes = stored('boxes', true, isBoolean)
export const dockIsOpen = stored('dock', false, isBoolean)
export const feedColumnIsOpen = stored('feed', true, isBoolean)

export const selected = ref(0)
export const enlarged = ref<number | null>(null)

/** Cameras that alerts brought into tiles, until somebody takes them away. What was there comes back then. */
export const linked = shallowRef<ReadonlyMap<number, string>>(new Map())

export const tiles = computed(() => linkedTiles(visibleTiles(layout.value), linked.value))

export function link(index: number, cameraId: string): void {
  linked.value = new Map([...linked.value, [index, cameraId]])
}

/** Whether something was there to be taken away. */
export function unlink(index: number): boolean {
  if (!linked.value.has(index)) return false
  linked.value = new Map([...linked.value].filter(([other]) => other !== index))
  return true
}

/** Keeps a wall that nobody has arranged filled with the cameras there are. */
export function fillByItself(): void {
  watchEffect(() => {
    if (camerasLoaded.value && !layout.value.isOwn) layout.value = filledBy(cameras.value.map((camera) => camera.id))
  })
}

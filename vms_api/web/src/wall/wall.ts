import { computed, ref, watchEffect } from 'vue'
import { cameras, camerasLoaded } from '@/state/cameras'
import { isBoolean, stored } from '@/state/stored'
import { EMPTY_LAYOUT, filledBy, isLayout, visibleTiles, type WallLayout } from '@/wall/layout'

/** The wall as this browser remembers it. */
export const layout = stored<WallLayout>('wall', EMPTY_LAYOUT, isLayout)
export const withBoxes = stored('boxes', true, isBoolean)
export const dockIsOpen = stored('dock', false, isBoolean)
export const feedColumnIsOpen = stored('feed', true, isBoolean)

export const selected = ref(0)
export const enlarged = ref<number | null>(null)

export const tiles = computed(() => visibleTiles(layout.value))

/** Keeps a wall that nobody has arranged filled with the cameras there are. */
export function fillByItself(): void {
  watchEffect(() => {
    if (camerasLoaded.value && !layout.value.isOwn) layout.value = filledBy(cameras.value.map((camera) => camera.id))
  })
}

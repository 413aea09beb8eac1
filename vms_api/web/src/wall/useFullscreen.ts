import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** Whether the page fills the screen, and the act that turns it. Escape leaves it by the browser's own rule. */
export function useFullscreen(): { isFull: Readonly<Ref<boolean>>; turn: () => void } {
  const isFull = ref(false)
  const read = () => (isFull.value = document.fullscreenElement !== null)
  onMounted(() => document.addEventListener('fullscreenchange', read))
  onBeforeUnmount(() => document.removeEventListener('fullscreenchange', read))
  const turn = () => void (isFull.value ? document.exitFullscreen() : document.documentElement.requestFullscreen())
  return { isFull, turn }
}

import { computed, onBeforeUnmount, onMounted, ref, watch, type ComputedRef } from 'vue'
import { notCounting } from '@/patrol/presence'
import { tickMs } from '@/state/clock'

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const
const BEAT_MS = 2000

/** Watches whether somebody is there, and tells it every two seconds and whenever a picture begins or ends to play:
 * `beat` hears whether the page is in view, and whether it was touched since the last time. The answer is why the time
 * does not count now, null while it does. */
export function usePresence(isPlaying: () => boolean, beat: (isVisible: boolean, wasTouched: boolean) => void): ComputedRef<ReturnType<typeof notCounting>> {
  const isVisible = ref(document.visibilityState === 'visible')
  const lastInput = ref(performance.now())
  let wasTouched = true
  let timer = 0

  const noteInput = () => {
    wasTouched = true
    lastInput.value = performance.now()
  }
  const noteVisibility = () => (isVisible.value = document.visibilityState === 'visible')
  const tell = () => {
    beat(isVisible.value, wasTouched)
    wasTouched = false
  }

  watch(isPlaying, tell)
  onMounted(() => {
    SIGNS.forEach((sign) => window.addEventListener(sign, noteInput, { passive: true }))
    document.addEventListener('visibilitychange', noteVisibility)
    timer = window.setInterval(tell, BEAT_MS)
  })
  onBeforeUnmount(() => {
    SIGNS.forEach((sign) => window.removeEventListener(sign, noteInput))
    document.removeEventListener('visibilitychange', noteVisibility)
    clearInterval(timer)
  })
  return computed(() => notCounting(isVisible.value, isPlaying(), tickMs.value - lastInput.value))
}

import { readonly, ref } from 'vue'

const wall = ref(Date.now())
const monotonic = ref(performance.now())

setInterval(() => {
  wall.value = Date.now()
  monotonic.value = performance.now()
}, 1000)

/** The present, once a second: wall time in Unix milliseconds for what the server says. */
export const nowMs = readonly(wall)

/** The present, once a second: monotonic milliseconds for ages and countdowns of the page's own. */
export const tickMs = readonly(monotonic)

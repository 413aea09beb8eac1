import { onBeforeUnmount, shallowRef, watch, type Ref } from 'vue'

const REST_MS = 250

/** A value that follows at once when it has been at rest, and else only when it comes to rest: who runs through a list
 * with a held key asks for the pictures of what he stops at, not of all that he passed. */
export function useSettled<T>(value: () => T): Readonly<Ref<T>> {
  const settled = shallowRef(value()) as Ref<T>
  let timer = 0
  let isAtRest = true
  const rest = () => {
    isAtRest = true
    settled.value = value()
  }
  watch(value, (now) => {
    if (isAtRest) settled.value = now
    isAtRest = false
    clearTimeout(timer)
    timer = window.setTimeout(rest, REST_MS)
  })
  onBeforeUnmount(() => clearTimeout(timer))
  return settled
}

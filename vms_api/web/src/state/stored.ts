import { ref, watch, type Ref } from 'vue'

const PREFIX = 'xueliang.'

/** A value that this browser remembers. What cannot be read back (or fails `accepts`) counts as never stored. */
export function stored<T>(key: string, fallback: T, accepts: (value: unknown) => boolean): Ref<T> {
  const value = ref(read(PREFIX + key, fallback, accepts)) as Ref<T>
  watch(value, (next) => localStorage.setItem(PREFIX + key, JSON.stringify(next)), { deep: true })
  return value
}

export const isBoolean = (value: unknown): boolean => typeof value === 'boolean'

function read<T>(key: string, fallback: T, accepts: (value: unknown) => boolean): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return accepts(value) ? (value as T) : fallback
  } catch {
    return fallback // Written by hand or by another version.
  }
}

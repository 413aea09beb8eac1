import { ref, shallowRef } from 'vue'
import { ApiError } from '@/api/problem'

interface Asking {
  cameraId: string
  settle(wasStated: boolean): void
}

/** What the dialog asks for at the moment; null while it is closed. */
export const asking = shallowRef<Asking | null>(null)

/** Counts the purposes stated since the page was opened: pictures that wait for one try again when it grows. */
export const statedCount = ref(0)

export const asksForPurpose = (error: unknown): boolean => error instanceof ApiError && error.code === 'purpose-required'

/** Asks why the person looks at the camera; false when the dialog was closed without an answer. */
export function askPurpose(cameraId: string): Promise<boolean> {
  asking.value?.settle(false)
  return new Promise((resolve) => {
    asking.value = {
      cameraId,
      settle: (wasStated) => {
        asking.value = null
        if (wasStated) statedCount.value += 1
        resolve(wasStated)
      },
    }
  })
}

/** Does the act; where the server wants a purpose first, asks for it and goes on. Throws what the act throws. */
export async function withPurpose<T>(cameraId: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!asksForPurpose(error) || !(await askPurpose(cameraId))) throw error
    return act()
  }
}

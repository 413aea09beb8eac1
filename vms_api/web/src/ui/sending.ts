import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { fieldTexts } from '@/i18n/coded'

/** A form on its way to the server. */
export interface Sending {
  /** What the server answered to the latest try, null while nothing speaks against it. */
  refusal: Ref<unknown>
  isBusy: Ref<boolean>
  /** What is wrong with single fields, in words. */
  errors: ComputedRef<Record<string, string>>
  send(): Promise<void>
}

/** Sends by `act` and keeps what was refused. */
export function useSending(act: () => Promise<unknown>): Sending {
  const refusal = ref<unknown>(null)
  const isBusy = ref(false)
  async function send(): Promise<void> {
    isBusy.value = true
    refusal.value = null
    try {
      await act()
    } catch (error) {
      refusal.value = error
    } finally {
      isBusy.value = false
    }
  }
  return { refusal, isBusy, errors: computed(() => fieldTexts(refusal.value)), send }
}

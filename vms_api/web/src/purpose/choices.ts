import { ref } from 'vue'
import { readPurposes, type PurposeChoice } from '@/api/purpose'
import { i18n } from '@/i18n'

/** The site's closed list, as far as it was read. */
export const choices = ref<PurposeChoice[]>([])

export async function loadChoices(): Promise<void> {
  choices.value = (await readPurposes()).choices
}

/** A purpose in the reader's language; one that is no longer in the list is shown by its key. */
export function choiceText(key: string): string {
  const choice = choices.value.find((one) => one.key === key)
  return (i18n.global.locale.value === 'en' ? choice?.en : choice?.zh) ?? key
}

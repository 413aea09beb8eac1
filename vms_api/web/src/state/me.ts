import { ref } from 'vue'
import { chooseLanguage, logOut, readMe, type Language, type Me } from '@/api/account'
import { ApiError } from '@/api/problem'
import { setLanguage } from '@/i18n'
import { closeFeed, openFeed } from '@/state/feed'

/** Who is logged in; null before that is known and for nobody. */
export const me = ref<Me | null>(null)

/** Asks the server who is logged in; null for nobody. */
export async function recognise(): Promise<Me | null> {
  if (me.value !== null) return me.value
  try {
    enter(await readMe())
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  }
  return me.value
}

/** Begins a session in the page. */
export function enter(who: Me): void {
  me.value = who
  if (who.language !== null) setLanguage(who.language)
  openFeed()
}

/** The session is over, by the person or by the server. */
export function leave(): void {
  me.value = null
  closeFeed()
}

export async function sayGoodbye(): Promise<void> {
  await logOut()
  leave()
}

/** Speaks the language at once and remembers it with the person. */
export async function speak(language: Language): Promise<void> {
  setLanguage(language)
  if (me.value !== null) me.value = await chooseLanguage(language)
}

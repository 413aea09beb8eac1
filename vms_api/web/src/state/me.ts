import { ref } from 'vue'
import { chooseLanguage, logOut, readMe, type Language, type Me } from '@/api/account'
import { ApiError } from '@/api/problem'
import type { Permission } from '@/api/permission'
import { setLanguage } from '@/i18n'
import { followIceServers, forgetIceServers } from '@/network/iceServers'
import { forgetAreas } from '@/state/areas'
import { forgetCameras } from '@/state/cameras'
import { closeFeed, openFeed } from '@/state/feed'

/** Who is logged in; null before that is known and for nobody. */
export const me = ref<Me | null>(null)

/** Whether the person may do that anywhere. Where it matters in which area, ask `mayIn`. */
export const may = (permission: Permission): boolean => me.value?.permissions.includes(permission) ?? false

/** Whether the person has to do something first: the server answers nothing else until then. */
export const hasDuty = (who: Me): boolean => who.must_change_password || who.must_set_up_totp

/** Asks the server who is logged in; null for nobody. */
export async function recognise(): Promise<Me | null> {
  if (me.value !== null) return me.value
  try {
    await readAgain()
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  }
  return me.value
}

/** Asks again who is logged in: rights, password or second factor have changed. */
export async function readAgain(): Promise<Me> {
  const who = await readMe()
  enter(who)
  return who
}

/** Begins a session in the page, or goes on with it. */
export function enter(who: Me): void {
  const wasIn = me.value !== null && !hasDuty(me.value)
  me.value = who
  if (who.language !== null) setLanguage(who.language)
  if (hasDuty(who)) closeFeed()
  else if (!wasIn) {
    openFeed()
    if (may('live.view')) void followIceServers()
  }
}

/** The session is over, by the person or by the server. What this person could see is forgotten. */
export function leave(): void {
  me.value = null
  closeFeed()
  forgetIceServers()
  forgetCameras()
  forgetAreas()
}

export async function sayGoodbye(): Promise<void> {
  await logOut()
  leave()
}

/** Speaks the language at once and remembers it with the person. */
export async function speak(language: Language): Promise<void> {
  setLanguage(language)
  if (me.value !== null && !hasDuty(me.value)) me.value = await chooseLanguage(language)
}

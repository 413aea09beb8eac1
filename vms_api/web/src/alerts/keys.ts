import type { AlertAct } from '@/api/alert'

/** What a key of the desk does: one of the acts, or something with the page itself. */
export type Deed = AlertAct | 'next' | 'previous' | 'newest' | 'note' | 'film' | 'replay' | 'attach' | 'choose' | 'undo' | 'help'

export interface DeskKey {
  key: string
  deed: Deed
}

/** The one table of the desk's keys, as they are listened to and as the help shows them. */
export const DESK_KEYS: readonly DeskKey[] = [
  { key: 'j', deed: 'next' },
  { key: 'k', deed: 'previous' },
  { key: 'Home', deed: 'newest' },
  { key: 'a', deed: 'acknowledge' },
  { key: 'p', deed: 'progress' },
  { key: 'r', deed: 'resolve' },
  { key: 'c', deed: 'close' },
  { key: 'g', deed: 'assign' },
  { key: 'b', deed: 'reopen' },
  { key: 'e', deed: 'escalate' },
  { key: 'u', deed: 'urge' },
  { key: 't', deed: 'take-over' },
  { key: 'd', deed: 'send-back' },
  { key: 'n', deed: 'note' },
  { key: 'f', deed: 'attach' },
  { key: 'v', deed: 'film' },
  { key: 'o', deed: 'replay' },
  { key: 's', deed: 'choose' },
  { key: 'z', deed: 'undo' },
  { key: '?', deed: 'help' },
]

/** How a key is printed. */
export const keyText = (key: string): string => (key.length === 1 ? key.toUpperCase() : key)

/** The key of an act, as it is printed on its button. */
export function keyOf(deed: Deed): string {
  const found = DESK_KEYS.find((one) => one.deed === deed)
  return found === undefined ? '' : keyText(found.key)
}

/** What `useKeys` listens to, from what each deed does here. */
export function bound(deeds: Partial<Record<Deed, () => void>>): Record<string, () => void> {
  return Object.fromEntries(DESK_KEYS.flatMap(({ key, deed }) => (deeds[deed] === undefined ? [] : [[key, deeds[deed]]])))
}

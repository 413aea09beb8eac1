import { i18n } from '@/i18n'

/** When a round is due, by the clocks of that zone. */
export function dueText(at: string, timeZone: string): string {
  const format: Intl.DateTimeFormatOptions = { timeZone, weekday: 'short', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false }
  return new Intl.DateTimeFormat(i18n.global.locale.value, format).format(new Date(at))
}

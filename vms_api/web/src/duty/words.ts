import { i18n } from '@/i18n'

/** A moment of the coming week by the clocks of the site, as rosters are written: the day of the week and the time. */
export function weekText(at: string, timeZone: string): string {
  const format: Intl.DateTimeFormatOptions = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hour12: false }
  return new Intl.DateTimeFormat(i18n.global.locale.value, format).format(new Date(at))
}

/** A calendar date with its day of the week. */
export function dayText(day: string): string {
  const format: Intl.DateTimeFormatOptions = { weekday: 'short', month: 'numeric', day: 'numeric', timeZone: 'UTC' }
  return new Intl.DateTimeFormat(i18n.global.locale.value, format).format(new Date(`${day}T00:00:00Z`))
}

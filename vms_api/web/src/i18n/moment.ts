import { i18n } from '@/i18n'

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making a formatter takes far longer than using it, and a list in a storm shows hundreds of times in a second. */
function formatOf(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${i18n.global.locale.value} ${JSON.stringify(options)}`
  const found = formats.get(key) ?? new Intl.DateTimeFormat(i18n.global.locale.value, options)
  formats.set(key, found)
  return found
}

/** A moment of the server (RFC 3339) as the reader's clock shows it. */
export function clockText(at: string | number | Date, withDay = false): string {
  const day: Intl.DateTimeFormatOptions = withDay ? { year: 'numeric', month: '2-digit', day: '2-digit' } : {}
  const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }
  return formatOf({ ...day, ...clock }).format(new Date(at))
}

/** The day of a moment. */
export const dayText = (at: string | number | Date): string => formatOf({ year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at))

/** The same moment in full with its time zone, for the hover text. */
export function zonedText(at: string | number | Date): string {
  return formatOf({ dateStyle: 'full', timeStyle: 'full', hour12: false }).format(new Date(at))
}

/** A length of time in its two largest units. */
export function spanText(seconds: number): string {
  const { t } = i18n.global
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return t('span.s', { s: whole })
  if (whole < 3600) return t('span.ms', { m: Math.floor(whole / 60), s: whole % 60 })
  if (whole < 86_400) return t('span.hm', { h: Math.floor(whole / 3600), m: Math.floor((whole % 3600) / 60) })
  return t('span.dh', { d: Math.floor(whole / 86_400), h: Math.floor((whole % 86_400) / 3600) })
}

/** A length of time in its largest unit, for where there is little room and it need not tick. */
export function roughText(seconds: number): string {
  const { n } = i18n.global
  const whole = Math.max(0, Math.floor(seconds))
  const [value, unit] = whole < 60 ? [whole, 'second'] : whole < 3600 ? [Math.floor(whole / 60), 'minute'] : whole < 172_800 ? [Math.floor(whole / 3600), 'hour'] : [Math.floor(whole / 86_400), 'day']
  return n(value, { style: 'unit', unit, unitDisplay: 'short' })
}

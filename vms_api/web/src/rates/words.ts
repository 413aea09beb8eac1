import type { RouteLocationRaw } from 'vue-router'
import type { Rate, RateCase, RateValue } from '@/api/rate'
import { i18n } from '@/i18n'

/** A share as per cent, cut off and not rounded: 99.999 % is not 100 %. */
export function percentText(share: number | null): string {
  if (share === null) return '–'
  return `${i18n.global.n(Math.floor(share * 10_000 + 1e-7) / 100)}%`
}

export type Verdict = 'met' | 'missed' | 'insufficient' | 'nothing' | 'untargeted'

/** Whether the target is met, or why that cannot be said. */
export function verdictOf(value: RateValue): Verdict {
  if (value.insufficient) return 'insufficient'
  if (value.value === null) return 'nothing'
  if (value.target === null) return 'untargeted'
  return value.value >= value.target ? 'met' : 'missed'
}

/** What was counted, of what: seconds are shown as hours. */
export function countedText(value: RateValue): string {
  const { n, t } = i18n.global
  const scale = value.unit === 's' ? 3600 : 1
  const shown = (count: number) => n(Math.round((count / scale) * 10) / 10)
  return t('rates.counted', { numerator: shown(value.numerator), denominator: shown(value.denominator), unit: t(`rates.unit.${value.unit}`) })
}

/** The value, or in words why there is none. */
export function valueText(value: RateValue): string {
  const verdict = verdictOf(value)
  return verdict === 'insufficient' || verdict === 'nothing' ? i18n.global.t(`rates.verdict.${verdict}`) : percentText(value.value)
}

/** Why something was left out: our own reasons are translated, those that people typed stay as they are. */
export function whyText(why: string): string {
  const { t, te } = i18n.global
  return te(`rates.why.${why}`) ? t(`rates.why.${why}`) : why
}

/** A round, an alert or a ticket by what it is called elsewhere. */
export function caseText(rate: Rate, { name, code, number }: RateCase): string {
  const { t } = i18n.global
  if (rate === 'ticket-closure') return `#${number} ${t(`tickets.causeOf.${code}`)} · ${name}`
  return rate === 'patrol-completion' ? `${name} · ${t(`patrol.state.${code}`)}` : name
}

/** Where it is looked at. */
export function casePlace(rate: Rate, { id }: RateCase): RouteLocationRaw {
  if (rate === 'patrol-completion') return `/patrol/rounds/${id}/protocol`
  return { path: rate === 'alert-handling' ? '/alerts' : '/tickets', query: { id } }
}

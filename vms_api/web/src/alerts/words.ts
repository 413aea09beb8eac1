import type { Alert } from '@/api/alert'
import { i18n } from '@/i18n'
import { clockText } from '@/i18n/moment'

/** How far the handling has come, and in whose hands it is. */
export function handlingText({ state, owner }: Alert): string {
  const { t } = i18n.global
  const word = t(`alerts.state.${state}`)
  return owner === null ? word : t('alerts.stateBy', { state: word, who: owner })
}

/** An alert in one line, for lists and for those who do not see it. */
export function nameText(alert: Alert): string {
  const { t } = i18n.global
  const words = { severity: t(`severityLevel.${alert.severity}`), kind: t(`kind.${alert.kind}`), camera: alert.camera_name, at: clockText(alert.raised_at) }
  return t('desk.name', words)
}

/** A size of a file for people. */
export function sizeText(bytes: number): string {
  const { n } = i18n.global
  const [value, unit] = bytes < 2 ** 20 ? [bytes / 2 ** 10, 'kilobyte'] : [bytes / 2 ** 20, 'megabyte']
  return n(value, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 })
}

import type { Alert } from '@/api/alert'
import { i18n } from '@/i18n'

/** How far the handling has come, and in whose hands it is. */
export function handlingText({ state, owner }: Alert): string {
  const { t } = i18n.global
  const word = t(`alerts.state.${state}`)
  return owner === null ? word : t('alerts.stateBy', { state: word, who: owner })
}

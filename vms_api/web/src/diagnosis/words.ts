import type { QualityState } from '@/api/quality'
import { i18n } from '@/i18n'

/** Why something was judged as it was, in the reader's language; a code from a newer node is shown as it is. */
export function qualityReason(code: string): string {
  const { t, te } = i18n.global
  if (code === '' || code === 'as-usual') return ''
  const hiding = /^hidden-by-(.+)$/.exec(code)
  if (hiding) return t('diagnosis.hiddenBy', { what: t(`diagnosis.category.${hiding[1]}`) })
  return te(`diagnosis.reason.${code}`) ? t(`diagnosis.reason.${code}`) : code
}

export const toneOf = (state: QualityState): string => ({ ok: 'good', abnormal: 'bad', unknown: 'warn' })[state]

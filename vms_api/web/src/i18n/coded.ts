import { i18n } from '@/i18n'
import { ApiError } from '@/api/problem'

/** The text of a stable code in the reader's language; a code from a newer server is shown as it is. */
export function codedText(family: 'fault' | 'problem' | 'field' | 'gapReason' | 'remedy', code: string): string {
  const { t, te } = i18n.global
  return te(`${family}.${code}`) ? t(`${family}.${code}`) : t('problem.unlisted', { code })
}

/** What to tell a person about a failed request: what happened, who can help, and when to try again
 * where the server says so. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return i18n.global.t('problem.page-broken')
  const { t } = i18n.global
  const names = error.whoCanGrant.join(t('problem.nameGap'))
  return [
    codedText('problem', error.code),
    names && t('problem.whoCanGrant', { names }),
    error.retryAfterS !== null && t('problem.retryAfter', { seconds: Math.ceil(error.retryAfterS) }),
  ]
    .filter(Boolean)
    .join(' ')
}

/** The texts of a refused form, by field. */
export function fieldTexts(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(error.errors.map(({ field, code }) => [field, codedText('field', code)]))
}

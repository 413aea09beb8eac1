import type { RowFault } from '@/api/ledgerImport'
import { i18n } from '@/i18n'
import { codedText } from '@/i18n/coded'

/** What is wrong at a cell, in the reader's language: the words of imports first, else those of any form. */
export function faultText({ code, params }: RowFault): string {
  const { t, te } = i18n.global
  const shown = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, Array.isArray(value) ? value.join(t('problem.nameGap')) : String(value)]))
  return te(`imports.fault.${code}`) ? t(`imports.fault.${code}`, shown) : codedText('field', code)
}

/** How much longer, in seconds, by how long it has taken; null while that says nothing yet. */
export function remainingS(progress: number, elapsedS: number): number | null {
  if (progress <= 0.02 || progress >= 1 || elapsedS < 1) return null
  return Math.ceil((elapsedS / progress) * (1 - progress))
}

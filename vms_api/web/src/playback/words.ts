import { i18n } from '@/i18n'
import { codedText } from '@/i18n/coded'
import type { TimelineRow } from '@/playback/useTimelines'
import { DAY, MINUTE } from '@/playback/scale'
import type { Stretch } from '@/playback/spans'

/** What a stretch of the timeline is, with its reason, in the reader's language. */
export function stretchText({ kind, reason, damaged, event }: Pick<Stretch, 'kind' | 'reason' | 'damaged' | 'event'>): string {
  const { t } = i18n.global
  if (kind === 'gap') return t('playback.gapOf', { reason: reasonText(reason) })
  if (kind !== 'recorded') return t(`playback.kind.${kind}`)
  return t(`playback.kind.${damaged ? 'damaged' : event ? 'event' : 'recorded'}`)
}

/** Why nothing was recorded. */
export const reasonText = (reason: string | null): string => (reason === null ? i18n.global.t('playback.noReason') : codedText('gapReason', reason))

/** What a mark of the axis says: the day at midnight, else the clock, with seconds where marks are nearer than a minute. */
export function axisText(atMs: number, stepMs: number, isDay: boolean): string {
  const options: Intl.DateTimeFormatOptions =
    isDay || stepMs >= DAY
      ? { month: 'numeric', day: 'numeric', weekday: 'short' }
      : { hour: '2-digit', minute: '2-digit', hour12: false, ...(stepMs < MINUTE ? { second: '2-digit' } : {}) }
  return new Intl.DateTimeFormat(i18n.global.locale.value, options).format(atMs)
}

/** How much of what was to be recorded is there, over the rows of one camera; null where nothing was planned. */
export function coverageText(row: TimelineRow): string | null {
  const planned = row.coverage?.planned_s ?? 0
  if (planned <= 0) return null
  const share = Math.min(1, (row.coverage?.recorded_s ?? 0) / planned)
  return new Intl.NumberFormat(i18n.global.locale.value, { style: 'percent', maximumFractionDigits: 1 }).format(Math.floor(share * 1000) / 1000)
}

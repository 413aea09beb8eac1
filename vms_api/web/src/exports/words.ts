import { i18n } from '@/i18n'
import { clockText, spanText } from '@/i18n/moment'
import type { Stretch } from '@/playback/spans'
import { stretchText } from '@/playback/words'

/** What a range lacks at one camera: "Gate: 12:00:05 to 12:03:00 (2 min 55 s), not recorded: the camera was away". */
export function lossText(camera: string, flaw: Pick<Stretch, 'kind' | 'reason' | 'damaged' | 'event' | 'from' | 'to'>): string {
  const { t } = i18n.global
  return t('exports.loss', {
    ...{ camera, from: clockText(flaw.from, true), to: clockText(flaw.to) },
    ...{ age: spanText((flaw.to - flaw.from) / 1000), what: stretchText(flaw) },
  })
}

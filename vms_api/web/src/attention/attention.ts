import type { Alert } from '@/api/alert'
import { permission, wishes } from '@/attention/wishes'
import { isQuiet, isWanted, soundsNow, type Sounded } from '@/attention/wish'
import { GRAVITY, isRepeat } from '@/alerts/queue'
import { FrameBatch } from '@/alerts/frames'
import { nameText } from '@/alerts/words'
import { i18n } from '@/i18n'
import { router } from '@/router'
import { chime } from '@/sound/chime'
import { areaIdsAbove } from '@/state/areas'

let sounded: Sounded | null = null

/** Makes an alert heard and, while nobody looks at the page, seen; as the person wishes it. */
export function drawAttention(alert: Alert): void {
  if (!isRepeat(alert)) batch.add(alert)
}

const batch = new FrameBatch<Alert>((alerts) => {
  const wanted = alerts.filter((alert) => isWanted(alert, wishes.value, areaIdsAbove(alert.area_id)))
  // The reader's clock stands for the site's: who works there is there.
  if (wanted.length === 0 || isQuiet(wishes.value.quiet, new Date())) return
  const gravest = wanted.reduce((most, one) => (GRAVITY[one.severity] > GRAVITY[most.severity] ? one : most))
  if (wishes.value.sound) sound(gravest)
  if (wishes.value.browser && permission.value === 'granted' && !document.hasFocus()) show(gravest, wanted.length)
})

function sound({ severity }: Alert): void {
  const now = performance.now()
  if (!soundsNow(sounded, severity, now)) return
  sounded = { severity, atMs: now }
  chime(severity)
}

/** One notification at a time: a newer one takes the place of the older. Pictures stay on the page, where looks at them
 * are recorded. */
function show(alert: Alert, count: number): void {
  const { t } = i18n.global
  const title = count > 1 ? t('attention.many', { count }) : t(`severityLevel.${alert.severity}`)
  const note = new Notification(title, { body: nameText(alert), tag: 'xueliang-alert', requireInteraction: alert.severity === 'high' })
  note.onclick = () => {
    window.focus()
    note.close()
    void router.push({ path: '/alerts', query: { id: alert.id } })
  }
}

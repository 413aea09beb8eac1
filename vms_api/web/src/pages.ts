import type { Me } from '@/api/account'
import type { Permission } from '@/api/permission'
import { hasDuty } from '@/state/me'

/** The places of the page with the right that each takes. Who holds it nowhere does not see the place at all.
 *
 * The bar shows the daily ones; the others stand in its menu, as the bar has to fit beside the wall's tools. */
export const PAGES = [
  { name: 'wall', daily: true, needs: 'live.view' },
  { name: 'overview', daily: true, needs: 'camera.view' },
  { name: 'playback', daily: true, needs: 'playback.view' },
  { name: 'alerts', daily: true, needs: 'alert.view' },
  { name: 'patrol', daily: true, needs: 'patrol.view' },
  { name: 'tickets', daily: true, needs: 'ticket.view' },
  { name: 'rates', daily: false, needs: 'rate.view' },
  { name: 'duty', daily: false, needs: 'alert.view' },
  { name: 'reports', daily: false, needs: 'alert.view' },
  { name: 'cameras', daily: true, needs: 'camera.view' },
  { name: 'diagnosis', daily: false, needs: 'camera.view' },
  { name: 'areas', daily: false, needs: 'area.view' },
  { name: 'users', daily: false, needs: 'user.manage' },
  { name: 'audit', daily: false, needs: 'audit.view' },
  { name: 'notify', daily: false, needs: 'area.manage' },
  { name: 'system', daily: false, needs: 'system.view' },
] as const satisfies readonly { name: string; daily: boolean; needs: Permission }[]

export const pagesFor = (who: Me) => PAGES.filter(({ needs }) => who.permissions.includes(needs))

/** Where the person begins: what must be done first, else the first place that the rights open. */
export function homeOf(who: Me): string {
  if (hasDuty(who)) return '/first-steps'
  return `/${pagesFor(who)[0]?.name ?? 'me'}`
}

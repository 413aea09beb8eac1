import type { Me } from '@/api/account'
import type { Permission } from '@/api/permission'
import { hasDuty } from '@/state/me'

/** The places of the page with the right that each takes. Who holds it nowhere does not see the place at all. */
export const PAGES = [
  { name: 'wall', needs: 'live.view' },
  { name: 'playback', needs: 'playback.view' },
  { name: 'alerts', needs: 'alert.view' },
  { name: 'duty', needs: 'alert.view' },
  { name: 'reports', needs: 'alert.view' },
  { name: 'cameras', needs: 'camera.view' },
  { name: 'areas', needs: 'area.view' },
  { name: 'users', needs: 'user.manage' },
  { name: 'audit', needs: 'audit.view' },
  { name: 'notify', needs: 'area.manage' },
  { name: 'system', needs: 'system.view' },
] as const satisfies readonly { name: string; needs: Permission }[]

export const pagesFor = (who: Me) => PAGES.filter(({ needs }) => who.permissions.includes(needs))

/** Where the person begins: what must be done first, else the first place that the rights open. */
export function homeOf(who: Me): string {
  if (hasDuty(who)) return '/first-steps'
  return `/${pagesFor(who)[0]?.name ?? 'me'}`
}

import type { Alert, AlertAct, AlertState, SuperviseAct } from '@/api/alert'
import type { Permission } from '@/api/permission'

/** What can be done about an alert in each state (`vms_api/alerts/lifecycle.py`); the first is the likeliest. */
const NEXT: Record<AlertState, readonly OwnAct[]> = {
  NEW: ['acknowledge'],
  ACKNOWLEDGED: ['resolve', 'progress', 'assign'],
  ASSIGNED: ['progress', 'resolve', 'assign'],
  IN_PROGRESS: ['resolve', 'assign'],
  RESOLVED: ['close', 'reopen'],
  CLOSED: ['reopen'],
  REOPENED: ['progress', 'resolve', 'assign'],
}

type OwnAct = Exclude<AlertAct, SuperviseAct>

/** The right that an act takes of the owner, and of others (`vms_api/alerts/handling.py`). */
const RIGHTS: Record<OwnAct, [owner: Permission, others: Permission]> = {
  acknowledge: ['alert.handle', 'alert.handle'],
  assign: ['alert.handle', 'alert.dispatch'],
  progress: ['alert.handle', 'alert.dispatch'],
  resolve: ['alert.handle', 'alert.dispatch'],
  close: ['alert.close', 'alert.close'],
  reopen: ['alert.dispatch', 'alert.dispatch'],
}

/** Who acts: what that person may do where, and which centre is next above another that is seen (`centreAbove`). */
export interface Person {
  id: string
  /** Whether no centre is above that one, seen or not. */
  isTop(centreId: string): boolean
  may(permission: Permission, areaId: string): boolean
  above(centreId: string): string | undefined
}

/** The acts that the page offers to that person. A courtesy: the server judges by itself. */
export const actsFor = (alert: Alert, who: Person): AlertAct[] => [...ownActs(alert, who), ...betweenCentres(alert, who)]

/** Those about the alert itself. */
export const ownActs = (alert: Alert, who: Person): AlertAct[] => NEXT[alert.state].filter((act) => isPermitted(alert, act, who))

/** The acts that the alert's state allows and that person's rights do not: others can do them. */
export const lockedActs = (alert: Alert, who: Person): AlertAct[] => NEXT[alert.state].filter((act) => !isPermitted(alert, act, who))

/** The acts that can be done about many alerts at once, in the order of their handling. */
export const BULK_ACTS = ['acknowledge', 'assign', 'progress', 'resolve', 'close', 'reopen'] as const satisfies readonly OwnAct[]

/** Those that at least one of them is ready for: the server answers for each by itself. */
export const sharedActs = (alerts: readonly Alert[], who: Person): ReadonlySet<AlertAct> => new Set(alerts.flatMap((alert) => ownActs(alert, who)))

/** Acts that ask for something before they are done. */
export const ASKING: ReadonlySet<AlertAct> = new Set(['assign', 'resolve', 'close', 'reopen', 'escalate', 'urge', 'take-over', 'send-back'])

function isPermitted(alert: Alert, act: OwnAct, who: Person): boolean {
  return who.may(RIGHTS[act][alert.owner_id === who.id ? 0 : 1], alert.area_id)
}

/** Whoever has it passes it up or gives it back; whoever is above watches over it (`vms_api/dispatch/supervising.py`). */
export function betweenCentres({ state, centre_id, level }: Alert, { may, above, isTop }: Person): SuperviseAct[] {
  if (!centre_id || state === 'RESOLVED' || state === 'CLOSED') return []
  const next = above(centre_id)
  const isHere = may('alert.dispatch', centre_id)
  const isAbove = next !== undefined && may('alert.dispatch', next)
  const here: SuperviseAct[] = isHere && !isTop(centre_id) ? ['escalate'] : []
  const watching: SuperviseAct[] = isAbove ? ['urge', 'take-over'] : []
  return isHere && level > 0 ? [...here, ...watching, 'send-back'] : [...here, ...watching]
}

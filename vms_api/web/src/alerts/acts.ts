import type { Alert, AlertAct, AlertState } from '@/api/alert'
import type { Permission } from '@/api/permission'

/** What can be done about an alert in each state (`vms_api/alerts/lifecycle.py`); the first is the likeliest. */
const NEXT: Record<AlertState, readonly AlertAct[]> = {
  NEW: ['acknowledge'],
  ACKNOWLEDGED: ['resolve', 'progress', 'assign'],
  ASSIGNED: ['progress', 'resolve', 'assign'],
  IN_PROGRESS: ['resolve', 'assign'],
  RESOLVED: ['close', 'reopen'],
  CLOSED: ['reopen'],
  REOPENED: ['progress', 'resolve', 'assign'],
}

/** The right that an act takes of the owner, and of others (`vms_api/alerts/handling.py`). */
const RIGHTS: Record<AlertAct, [owner: Permission, others: Permission]> = {
  acknowledge: ['alert.handle', 'alert.handle'],
  assign: ['alert.handle', 'alert.dispatch'],
  progress: ['alert.handle', 'alert.dispatch'],
  resolve: ['alert.handle', 'alert.dispatch'],
  close: ['alert.close', 'alert.close'],
  reopen: ['alert.dispatch', 'alert.dispatch'],
  escalate: ['alert.handle', 'alert.handle'],
  urge: ['alert.dispatch', 'alert.dispatch'],
  'take-over': ['alert.dispatch', 'alert.dispatch'],
  'send-back': ['alert.dispatch', 'alert.dispatch'],
}

type May = (permission: Permission, areaId: string) => boolean

/** The acts that the page offers to that person. A courtesy: the server judges by itself. */
export const actsFor = (alert: Alert, userId: string, may: May): AlertAct[] => nextActs(alert).filter((act) => isPermitted(alert, act, userId, may))

/** The acts that the alert's state allows and that person's rights do not: others can do them. */
export const lockedActs = (alert: Alert, userId: string, may: May): AlertAct[] => NEXT[alert.state].filter((act) => !isPermitted(alert, act, userId, may))

function nextActs(alert: Alert): AlertAct[] {
  return [...NEXT[alert.state], ...betweenCentres(alert)]
}

/** Whoever answers for it may call for the centre above; what went up may come down again. */
function betweenCentres({ state, centre_id, level }: Alert): AlertAct[] {
  if (!centre_id || state === 'RESOLVED' || state === 'CLOSED') return []
  return level > 0 ? ['escalate', 'urge', 'take-over', 'send-back'] : ['escalate', 'urge', 'take-over']
}

function isPermitted(alert: Alert, act: AlertAct, userId: string, may: May): boolean {
  return may(RIGHTS[act][alert.owner_id === userId ? 0 : 1], alert.area_id)
}

/** Acts that ask for something before they are done. */
export const ASKING: ReadonlySet<AlertAct> = new Set(['assign', 'resolve', 'close', 'reopen', 'escalate', 'urge', 'send-back'])

/** The acts that can be done about many alerts at once, in the order of their handling. */
export const BULK_ACTS = ['acknowledge', 'assign', 'progress', 'resolve', 'close', 'reopen'] as const satisfies readonly AlertAct[]

/** Those that at least one of them is ready for: the server answers for each by itself. */
export function sharedActs(alerts: readonly Alert[], userId: string, may: May): ReadonlySet<AlertAct> {
  return new Set(alerts.flatMap((alert) => actsFor(alert, userId, may)))
}

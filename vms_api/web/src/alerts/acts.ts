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
}

/** The acts that the page offers to that person. A courtesy: the server judges by itself. */
export function actsFor(alert: Alert, userId: string, may: (permission: Permission, areaId: string) => boolean): AlertAct[] {
  const side = alert.owner_id === userId ? 0 : 1
  return NEXT[alert.state].filter((act) => may(RIGHTS[act][side], alert.area_id))
}

/** Acts that ask for something before they are done. */
export const ASKING: ReadonlySet<AlertAct> = new Set(['assign', 'resolve', 'close', 'reopen'])

import type { ActBody, Alert, AlertAct } from '@/api/alert'
import type { Permission } from '@/api/permission'

/** What takes an act back. */
export interface Undo {
  act: AlertAct
  body: ActBody
}

/** How an act that led from `before` to `after` is taken back by the person with that id; null where it cannot be:
 * that somebody saw an alert, or called for help, stays so. Nothing is erased: taking back is an act of its own. */
export function undoOf(act: AlertAct, before: Alert, after: Alert, userId: string, may: (permission: Permission, areaId: string) => boolean): Undo | null {
  const dispatches = may('alert.dispatch', after.area_id)
  if (act === 'resolve' || act === 'close') return dispatches ? { act: 'reopen', body: {} } : null
  if (act !== 'assign' || before.owner_id === null || before.owner_id === after.owner_id) return null
  return dispatches || after.owner_id === userId ? { act: 'assign', body: { user_id: before.owner_id } } : null
}

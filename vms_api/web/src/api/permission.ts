/** What may be done (`vms_api/accounts/permission.py`), in the order in which the page lists it. */
export const PERMISSIONS = [
  'area.view',
  'camera.view',
  'live.view',
  'live.listen',
  'snapshot.view',
  'playback.view',
  'unmasked.view',
  'search',
  'alert.view',
  'alert.handle',
  'alert.dispatch',
  'alert.close',
  'ticket.view',
  'ticket.handle',
  'ticket.manage',
  'patrol.view',
  'patrol.run',
  'patrol.manage',
  'ptz.control',
  'device.care',
  'device.relay',
  'export.request',
  'export.approve',
  'recording.hold',
  'camera.manage',
  'rule.manage',
  'mask.manage',
  'area.manage',
  'user.manage',
  'access.view',
  'audit.view',
  'system.view',
] as const
export type Permission = (typeof PERMISSIONS)[number]

export const ROLES = ['viewer', 'patroller', 'dispatcher', 'maintainer', 'supervisor', 'auditor', 'admin'] as const
export type Role = (typeof ROLES)[number]

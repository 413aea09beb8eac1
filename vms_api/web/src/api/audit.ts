import { API_ROOT, call, withQuery, type Page } from '@/api/client'

/** Everything that is recorded (`vms_api/audit/entry.py`). */
export const AUDIT_KINDS = [
  'session.login',
  'session.link',
  'session.logout',
  'session.revoke',
  'view.start',
  'view.end',
  'picture.snapshot',
  'picture.inspection',
  'picture.evidence',
  'picture.past',
  'picture.clip',
  'picture.plan',
  'picture.quality',
  'quality.check',
  'quality.reference',
  'quality.wrong',
  'playback.view',
  'playback.end',
  'export.request',
  'export.approve',
  'export.reject',
  'export.build',
  'export.download',
  'export.expire',
  'ptz.move',
  'patrol.take',
  'patrol.pause',
  'patrol.resume',
  'patrol.hand-over',
  'patrol.abandoned',
  'patrol.abort',
  'patrol.finish',
  'patrol.stop-add',
  'patrol.verdict',
  'patrol.note',
  'patrol.snapshot',
  'patrol.picture',
  'patrol.strip',
  'patrol.protocol',
  'alert.acknowledge',
  'alert.assign',
  'alert.progress',
  'alert.resolve',
  'alert.close',
  'alert.reopen',
  'alert.note',
  'alert.escalate',
  'alert.urge',
  'alert.take-over',
  'alert.send-back',
  'alert.remind',
  'dispatch.rule-add',
  'dispatch.rule-change',
  'dispatch.rule-remove',
  'duty.roster',
  'duty.handover',
  'duty.sign',
  'patrol.plan-add',
  'patrol.plan-change',
  'patrol.plan-remove',
  'patrol.late',
  'patrol.missed',
  'patrol.escalate',
  'patrol.withdraw',
  'patrol.excuse',
  'patrol.report',
  'alert.link',
  'notify.add',
  'notify.change',
  'notify.remove',
  'notify.secret',
  'notify.try',
  'notify.replay',
  'notify.stop',
  'notify.choice',
  'alert.check',
  'alert.attach',
  'attachment.read',
  'ticket.open',
  'ticket.assign',
  'ticket.start',
  'ticket.pause',
  'ticket.resume',
  'ticket.fix',
  'ticket.close',
  'ticket.reopen',
  'ticket.due',
  'ticket.note',
  'ticket.attach',
  'ticket.times',
  'ticket.remove',
  'maintenance.add',
  'maintenance.change',
  'maintenance.approve',
  'maintenance.end',
  'report.read',
  'rate.count',
  'rate.target',
  'rate.exclude',
  'rate.exclude-approve',
  'rate.exclude-end',
  'report.schedule',
  'report.schedule-change',
  'report.schedule-remove',
  'report.run',
  'report.file',
  'purpose.state',
  'request.denied',
  'camera.add',
  'camera.change',
  'camera.remove',
  'ledger.change',
  'ledger.sign',
  'ledger.import',
  'ledger.export',
  'ledger.places',
  'discovery.scan',
  'device.examine',
  'device.check',
  'device.clock',
  'device.reboot',
  'device.keyframe',
  'device.certificate',
  'device.expected',
  'device.relay',
  'device.notices',
  'zone.add',
  'zone.change',
  'zone.remove',
  'rule.add',
  'rule.change',
  'rule.remove',
  'rule.simulate',
  'mask.change',
  'recording.plan',
  'recording.hold',
  'recording.release',
  'recording.delete',
  'recording.repair',
  'recording.clock',
  'unmask.request',
  'unmask.approve',
  'unmask.reject',
  'area.add',
  'area.change',
  'area.remove',
  'area.plan',
  'user.add',
  'user.change',
  'user.remove',
  'group.add',
  'group.change',
  'group.remove',
  'grant.add',
  'grant.remove',
  'token.add',
  'token.remove',
  'account.setup',
  'account.password',
  'account.second-factor',
  'audit.search',
  'audit.export',
  'node.replace',
] as const
export type AuditKind = (typeof AUDIT_KINDS)[number]

export const OUTCOMES = ['done', 'failed', 'denied'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface AuditRow {
  seq: number
  at: string
  kind: AuditKind
  outcome: Outcome
  actor: { id: string | null; name: string | null; address: string | null; session: string | null }
  area_id: string | null
  camera_id: string | null
  subject: string | null
  purpose: { id: string; key: string; reference: string } | null
  detail: Record<string, unknown>
  hash: string
}

export interface AuditFilter {
  since?: string
  until?: string
  kind?: AuditKind
  outcome?: Outcome
  user_id?: string
  camera_id?: string
  area_id?: string
}

/** The log up to row `seq`, signed. */
export interface SignedHead {
  seq: number
  hash: string
  at: string
  signature: string
  public_key: string
}

export type TableFormat = 'csv' | 'xlsx'

export const searchAudit = (filter: AuditFilter, cursor?: string) =>
  call<Page<AuditRow>>('GET', withQuery('/audit', { ...filter, cursor, limit: 100 }))
export const readAuditHead = () => call<SignedHead | null>('GET', '/audit/head')
export const auditExportAddress = (filter: AuditFilter, format: TableFormat) =>
  API_ROOT + withQuery('/audit/export', { ...filter, format })

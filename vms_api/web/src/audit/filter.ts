import type { AuditFilter, AuditKind, Outcome } from '@/api/audit'

/** The filters as they are typed; empty is any. Times are those of the reader's clock (`2026-11-21T08:00`). */
export interface AuditForm {
  since: string
  until: string
  kind: AuditKind | ''
  outcome: Outcome | ''
  userId: string
  cameraId: string
  areaId: string
}

export const EMPTY_FORM: AuditForm = { since: '', until: '', kind: '', outcome: '', userId: '', cameraId: '', areaId: '' }

export function filterOf(form: AuditForm): AuditFilter {
  return {
    since: momentOf(form.since),
    until: momentOf(form.until),
    kind: form.kind || undefined,
    outcome: form.outcome || undefined,
    user_id: form.userId || undefined,
    camera_id: form.cameraId || undefined,
    area_id: form.areaId || undefined,
  }
}

function momentOf(local: string): string | undefined {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

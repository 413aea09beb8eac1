import { API_ROOT, call, uploadForm } from '@/api/client'

/** A picture or paper that somebody put to an alert. */
export interface Attachment {
  id: string
  name: string
  media_type: string
  size: number
  added_at: string
  added_by: string
}

/** What the server takes; it looks at the content, whatever the name says. */
export const ATTACHED_TYPES = 'image/jpeg,image/png,image/webp,application/pdf,text/plain'
export const LARGEST_ATTACHMENT = 20_000_000

export const listAttachments = (alertId: string) => call<Attachment[]>('GET', `/alerts/${alertId}/attachments`)
export const attachmentAddress = (id: string) => `${API_ROOT}/attachments/${id}`

export function addAttachment(alertId: string, file: File): Promise<Attachment> {
  const form = new FormData()
  form.append('file', file)
  return uploadForm(`/alerts/${alertId}/attachments`, form)
}

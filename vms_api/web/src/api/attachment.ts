import { API_ROOT, call, upload, withQuery } from '@/api/client'

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
export const LARGEST_ATTACHMENT = 20 * 1024 * 1024

export const attachmentAddress = (id: string) => `${API_ROOT}/attachments/${id}`
export const addAttachment = (alertId: string, file: File) => upload<Attachment>(withQuery(`/alerts/${alertId}/attachments`, { name: file.name.slice(-200) }), file)

export async function listAttachments(alertId: string): Promise<Attachment[]> {
  const { items } = await call<{ items: Attachment[] }>('GET', `/alerts/${alertId}/attachments`)
  return items
}

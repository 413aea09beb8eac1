import type { Receiver, ReceiverIn, Target, TargetKind } from '@/api/notify'

/** What a new target of each kind begins with. */
export function targetOf(kind: TargetKind): Target {
  switch (kind) {
    case 'webhook':
      return { kind, url: '', authority_pem: null }
    case 'mqtt':
      return { kind, host: '', port: 8883, tls: true, username: null, prefix: 'xueliang', home_assistant: false, authority_pem: null }
    case 'email':
      return { kind, to: [] }
    case 'syslog':
      return { kind, host: '', port: 6514, transport: 'tls', authority_pem: null }
  }
}

export const receiverFor = (areaId: string): ReceiverIn => ({
  name: '',
  area_id: areaId,
  target: targetOf('webhook'),
  severities: ['low', 'medium', 'high'],
  kinds: [],
  changes: true,
  enabled: true,
  secret: null,
})

/** A receiver's own fields as they may be edited. Its secret is never read back. */
export function draftOf({ name, area_id, target, severities, kinds, changes, enabled }: Receiver): ReceiverIn {
  return structuredClone({ name, area_id, target, severities, kinds, changes, enabled, secret: null })
}

/** The draft with another kind of target. What people do would fill a mailbox, so mail begins without it. */
export const ofKind = (draft: ReceiverIn, kind: TargetKind): ReceiverIn => ({ ...draft, target: targetOf(kind), changes: kind !== 'email', secret: null })

/** What is sent: texts trimmed, empty ones as none. */
export function receiverOf(draft: ReceiverIn): ReceiverIn {
  const target = { ...draft.target }
  if ('authority_pem' in target) target.authority_pem = target.authority_pem?.trim() || null
  if (target.kind === 'mqtt') target.username = target.username?.trim() || null
  return { ...draft, name: draft.name.trim(), target, secret: draft.secret || null }
}

/** Which fields are missing, before the server is asked. */
export function gapsOf({ name, area_id, target, severities }: ReceiverIn): string[] {
  const place = target.kind === 'webhook' ? target.url : target.kind === 'email' ? target.to.join('') : target.host
  const found: [string, boolean][] = [
    ['name', name.trim() === ''],
    ['area_id', area_id === ''],
    ['target', place.trim() === ''],
    ['severities', severities.length === 0],
  ]
  return found.flatMap(([field, isMissing]) => (isMissing ? [field] : []))
}

/** Where a receiver is, in one line. */
export function placeText(target: Target): string {
  switch (target.kind) {
    case 'webhook':
      return target.url
    case 'email':
      return target.to.join(', ')
    case 'mqtt':
      return `${target.host}:${target.port} ${target.prefix}/…`
    case 'syslog':
      return `${target.host}:${target.port} (${target.transport.toUpperCase()})`
  }
}

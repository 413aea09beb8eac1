import type { Device, DeviceNotice } from '@/api/device'
import type { DeviceRule, DeviceRuleIn, DeviceRuleKind } from '@/api/deviceRule'
import { isNeverArmed } from '@/rules/form'

/** A new rule: a camera without a device can only be offline. */
export function deviceRuleFor(hasDevice: boolean): DeviceRuleIn {
  return {
    name: '',
    kind: hasDevice ? 'device_notice' : 'camera_offline',
    notice: hasDevice ? 'tamper' : null,
    source: null,
    after_s: 60,
    schedule: null,
    severity: 'medium',
    cooldown_s: 60,
    enabled: true,
    instructions: '',
    relay: null,
  }
}

/** A rule's own fields, apart from the rule that is shown. */
export function fieldsOf(rule: DeviceRule): DeviceRuleIn {
  const { id: _id, ...fields } = rule
  return structuredClone(fields)
}

/** The draft as a rule of another kind: only one that waits for a notice names one. */
export const asKind = (draft: DeviceRuleIn, kind: DeviceRuleKind): DeviceRuleIn => ({
  ...draft,
  kind,
  notice: kind === 'device_notice' ? (draft.notice ?? 'tamper') : null,
  source: kind === 'device_notice' ? draft.source : null,
})

/** What is sent: texts trimmed, an empty source as any. */
export const deviceRuleOf = (draft: DeviceRuleIn): DeviceRuleIn => ({ ...draft, name: draft.name.trim(), source: draft.source?.trim() || null })

export type DeviceRuleGap = 'name' | 'schedule'

/** Which fields are missing, before the server is asked. */
export function deviceRuleGaps(draft: DeviceRuleIn): DeviceRuleGap[] {
  return [...(draft.name.trim() === '' ? ['name' as const] : []), ...(isNeverArmed(draft.schedule) ? ['schedule' as const] : [])]
}

/** The device's own words for where it noticed something of that kind, each once. */
export const sourcesOf = (notices: readonly DeviceNotice[], kind: DeviceNotice['kind'] | null): string[] => [
  ...new Set(notices.flatMap((notice) => (notice.kind === kind && notice.source !== '' ? [notice.source] : []))),
]

/** The relays that a rule may name: those of the device, and the one that it names already. */
export function relaysFor(device: Device | null, named: string | null): string[] {
  const known = device?.capabilities.relays.map(({ token }) => token) ?? []
  return named === null || known.includes(named) ? known : [...known, named]
}

/** Whether somebody may put a rule in force as it is: one that switches a relay takes the right to switch it. */
export const mayKeep = (rule: DeviceRuleIn, maySwitch: boolean): boolean => rule.relay === null || maySwitch

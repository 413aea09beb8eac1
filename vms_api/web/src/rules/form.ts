import type { Rule, RuleIn } from '@/api/rule'
import type { Zone } from '@/api/zone'

/** A new rule for a place: an area watches for intrusion, a line for crossing. `label` is what it looks for first. */
export function ruleFor(zone: Zone | undefined, label: string): RuleIn {
  return {
    name: '',
    kind: zone?.kind === 'line' ? 'line_crossing' : 'intrusion',
    zone_id: zone?.id ?? '',
    labels: [label],
    direction: 'any',
    dwell_s: 0,
    schedule: null,
    severity: 'medium',
    cooldown_s: 30,
    enabled: true,
    instructions: '',
  }
}

/** A rule's own fields as they may be edited, apart from the rule that is shown. */
export function draftOf(rule: Rule): RuleIn {
  const { id: _id, ...fields } = rule
  return structuredClone(fields)
}

/** What is sent: names trimmed, and a dwell time only where the kind of rule has one. */
export function ruleOf(draft: RuleIn): RuleIn {
  return { ...draft, name: draft.name.trim(), dwell_s: draft.kind === 'intrusion' ? draft.dwell_s : 0 }
}

export type RuleGap = 'name' | 'zone_id' | 'labels' | 'schedule'

/** Which fields are missing, before the server is asked. */
export function gaps(draft: RuleIn): RuleGap[] {
  const windows = draft.schedule?.windows
  const found: [RuleGap, boolean][] = [
    ['name', draft.name.trim() === ''],
    ['zone_id', draft.zone_id === ''],
    ['labels', draft.labels.length === 0],
    ['schedule', windows !== undefined && (windows.length === 0 || windows.some((window) => window.days.length === 0))],
  ]
  return found.flatMap(([field, isMissing]) => (isMissing ? [field] : []))
}

/** Whether the span ends on the day after it starts. */
export function isOvernight(start: string, end: string): boolean {
  return end <= start
}

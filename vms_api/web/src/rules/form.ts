import type { Link, LinkKind, Rule, RuleIn, RuleKind } from '@/api/rule'
import type { Zone, ZoneKind } from '@/api/zone'

const VEHICLES = ['car', 'bus', 'truck']
const WHOLE_WEEK = [0, 1, 2, 3, 4, 5, 6]

/** What a rule of each kind begins with; the kinds that look at a line have no time that they must last. */
export const KINDS: Record<RuleKind, { zone: ZoneKind; dwell_s: number; labels: string[] | null }> = {
  intrusion: { zone: 'area', dwell_s: 0, labels: null },
  line_crossing: { zone: 'line', dwell_s: 0, labels: null },
  loitering: { zone: 'area', dwell_s: 60, labels: null },
  stopped_vehicle: { zone: 'area', dwell_s: 30, labels: VEHICLES },
  wrong_way: { zone: 'line', dwell_s: 0, labels: VEHICLES },
  abandoned_object: { zone: 'area', dwell_s: 60, labels: ['motion'] },
  object_removed: { zone: 'area', dwell_s: 10, labels: ['motion'] },
  fire: { zone: 'area', dwell_s: 3, labels: ['fire', 'smoke'] },
}

export const hasDwell = (kind: RuleKind): boolean => KINDS[kind].zone === 'area'
/** What is removed has no class that could be chosen, and fire is always fire or smoke. */
export const hasLabels = (kind: RuleKind): boolean => kind !== 'object_removed' && kind !== 'fire'

/** What the rule looks for that the detector in use cannot tell: of that it would never raise an alert. Motion needs no
 * model, and neither does what is removed; `known` is null while nobody has said what is known. */
export const unknownLabels = ({ kind, labels }: Pick<RuleIn, 'kind' | 'labels'>, known: readonly string[] | null): string[] =>
  known === null || kind === 'object_removed' ? [] : labels.filter((label) => label !== 'motion' && !known.includes(label))

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
    size: { min_height: 0, max_height: 1 },
    parameters: {},
    links: [],
  }
}

/** A new link of that kind. */
export function linkOf(kind: LinkKind): Link {
  switch (kind) {
    case 'wall':
      return { kind, camera_id: null }
    case 'tile':
      return { kind, camera_id: null, tile: 0 }
    case 'ptz-preset':
      return { kind, camera_id: null, preset: '' }
    case 'record':
      return { kind, camera_id: null, seconds: 60 }
    case 'relay':
      return { kind, camera_id: null, token: '', seconds: 10 }
  }
}

/** Whether a link lacks what it is to do. */
const isLinkOpen = (link: Link): boolean => (link.kind === 'ptz-preset' && link.preset === '') || (link.kind === 'relay' && link.token === '')

/** The draft as a rule of another kind, in the same place where that fits, else in the newest that does. */
export function ofKind(draft: RuleIn, kind: RuleKind, zones: readonly Zone[]): RuleIn {
  const { zone, dwell_s, labels } = KINDS[kind]
  const fits = zones.find((one) => one.id === draft.zone_id && one.kind === zone) ?? zones.findLast((one) => one.kind === zone)
  return {
    ...draft,
    kind,
    zone_id: fits?.id ?? '',
    dwell_s,
    labels: [...(labels ?? draft.labels)],
    direction: 'any',
    parameters: kind === 'wrong_way' ? { reach: 0.1 } : {},
  }
}

export type TemplateName = 'closedYard' | 'fireLane' | 'wrongWay' | 'loitering' | 'leftThing' | 'guarded'

const TEMPLATES: Record<TemplateName, { kind: RuleKind; fields: Partial<RuleIn> }> = {
  closedYard: {
    kind: 'intrusion',
    fields: { dwell_s: 2, severity: 'high', cooldown_s: 60, labels: ['person'], schedule: { windows: [{ days: WHOLE_WEEK, start: '22:00', end: '06:00' }] } },
  },
  fireLane: { kind: 'stopped_vehicle', fields: { dwell_s: 60, cooldown_s: 300 } },
  wrongWay: { kind: 'wrong_way', fields: { severity: 'high', labels: [...VEHICLES, 'motorcycle'] } },
  loitering: { kind: 'loitering', fields: { dwell_s: 120, labels: ['person'] } },
  leftThing: { kind: 'abandoned_object', fields: { dwell_s: 90, severity: 'high', cooldown_s: 60 } },
  guarded: { kind: 'object_removed', fields: { dwell_s: 10, severity: 'high' } },
}

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[]
export const templateZone = (name: TemplateName): ZoneKind => KINDS[TEMPLATES[name].kind].zone

/** The draft filled in by a template under its title; what else somebody has written stays. */
export function byTemplate(draft: RuleIn, name: TemplateName, title: string, zones: readonly Zone[]): RuleIn {
  const { kind, fields } = TEMPLATES[name]
  return { ...ofKind({ ...draft, schedule: null }, kind, zones), ...structuredClone(fields), name: title }
}

/** A rule's own fields as they may be edited, apart from the rule that is shown. */
export function draftOf(rule: Rule): RuleIn {
  const { id: _id, ...fields } = rule
  return structuredClone(fields)
}

/** What is sent: names trimmed, and a dwell time only where the kind of rule has one. */
export function ruleOf(draft: RuleIn): RuleIn {
  return { ...draft, name: draft.name.trim(), dwell_s: hasDwell(draft.kind) ? draft.dwell_s : 0 }
}

/** Whether a schedule has no time at all, or a span without a day. */
export const isNeverArmed = (schedule: RuleIn['schedule']): boolean =>
  schedule !== null && (schedule.windows.length === 0 || schedule.windows.some((window) => window.days.length === 0))

export type RuleGap = 'name' | 'zone_id' | 'labels' | 'schedule' | 'links'

/** Which fields are missing, before the server is asked. */
export function gaps(draft: RuleIn): RuleGap[] {
  const found: [RuleGap, boolean][] = [
    ['name', draft.name.trim() === ''],
    ['zone_id', draft.zone_id === ''],
    ['labels', draft.labels.length === 0],
    ['schedule', isNeverArmed(draft.schedule)],
    ['links', draft.links.some(isLinkOpen)],
  ]
  return found.flatMap(([field, isMissing]) => (isMissing ? [field] : []))
}

/** Whether the span ends on the day after it starts. */
export function isOvernight(start: string, end: string): boolean {
  return end <= start
}

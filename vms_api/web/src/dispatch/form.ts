import type { DispatchRule, DispatchRuleIn, DispatchTimes } from '@/api/dispatch'

export const MINUTE_S = 60
const UNITS = [
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', MINUTE_S],
] as const

/** A time limit in the largest unit in which it is a whole number, else in seconds. */
export function limitOf(seconds: number): { unit: 'days' | 'hours' | 'minutes' | 'seconds'; count: number } {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? (['seconds', 1] as const)
  return { unit, count: seconds / size }
}

export type DispatchGap = 'name' | 'resolve_within_s' | 'schedule'

/** A new rule of an area; it begins with the times that hold now, and comes after the others. */
export function dispatchRuleFor(areaId: string, times: DispatchTimes, others: readonly DispatchRule[]): DispatchRuleIn {
  const position = Math.max(-1, ...others.filter(({ area_id }) => area_id === areaId).map(({ position: taken }) => taken)) + 1
  return { name: '', area_id: areaId, kinds: [], severities: [], schedule: null, centre_id: null, ...times, position }
}

/** What a rule is made of, without its id. */
export function dispatchFieldsOf({ id: _id, ...fields }: DispatchRule): DispatchRuleIn {
  return structuredClone(fields)
}

/** What is still missing before it can be saved. */
export function dispatchGaps(rule: DispatchRuleIn): DispatchGap[] {
  const gaps: DispatchGap[] = []
  if (rule.name.trim() === '') gaps.push('name')
  if (rule.resolve_within_s < rule.acknowledge_within_s) gaps.push('resolve_within_s')
  if (rule.schedule !== null && (rule.schedule.windows.length === 0 || rule.schedule.windows.some(({ days }) => days.length === 0))) gaps.push('schedule')
  return gaps
}

export const asMinutes = (seconds: number): number => Math.round((seconds / MINUTE_S) * 10) / 10

/** The rules that speak of an area's alerts: its own first, then those of the areas above, as they are tried. */
export function rulesFor(rules: readonly DispatchRule[], lineage: readonly string[]): DispatchRule[] {
  const nearness = new Map([...lineage].reverse().map((id, steps) => [id, steps]))
  const near = (rule: DispatchRule) => nearness.get(rule.area_id) ?? Number.POSITIVE_INFINITY
  return rules
    .filter((rule) => nearness.has(rule.area_id))
    .toSorted((one, other) => near(one) - near(other) || one.position - other.position || (one.id < other.id ? -1 : 1))
}

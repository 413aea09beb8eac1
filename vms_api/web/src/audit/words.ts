import type { AuditRow } from '@/api/audit'
import { codedText } from '@/i18n/coded'
import { i18n } from '@/i18n'
import { clockText, spanText } from '@/i18n/moment'

/** What else a row tells, each as a label and a text in the reader's language. */
export interface DetailWord {
  key: string
  label: string
  text: string
}

/** Finds the name of an id where the reader knows it. */
type NameOf = (id: string) => string | undefined

/** Ids mean nothing to a reader: where no name is known, their end has to do. */
const IDS = new Set(['user_id', 'group_id', 'parent_id', 'area_id', 'zone_id', 'joined', 'left'])

/** Fields whose value is a moment. */
const MOMENTS = new Set(['since', 'until', 'from', 'to', 'at', 'captured_at', 'start', 'end', 'expires_at'])

/** Families of texts for values that are words of the system. */
const FAMILIES: Record<string, string> = {
  ...{ role: 'roleName', stream: 'role', severity: 'severity', direction: 'direction', labels: 'label', scopes: 'permission' },
  ...{ outcome: 'audit.outcome', reason: 'audit.reason', by: 'audit.by' },
  ...{ area_kind: 'areaKind', rule_kind: 'kind', zone_kind: 'zones', audit_kind: 'audit.kind' },
}

/** Fields whose value is a list by itself; a change of one is a pair of lists. */
const LISTS = new Set(['scopes', 'masks', 'labels', 'points'])

/** The detail of a row in words. Changes are recorded as `[old, new]`, those of areas below `changes`. */
export function detailWords({ kind, detail }: Pick<AuditRow, 'kind' | 'detail'>, nameOf: NameOf): DetailWord[] {
  const { changes, ...rest } = detail
  const all = [...Object.entries(rest), ...Object.entries(isRecord(changes) ? changes : {})]
  return all.flatMap(([key, value]) => {
    const text = valueText(meaning(kind, key), value, nameOf)
    return text === '' ? [] : [{ key, label: labelOf(meaning(kind, key)), text }]
  })
}

/** What a field means in this row: areas, rules and zones have kinds of their own, and a division has a code. */
function meaning(kind: string, key: string): string {
  const [subject] = kind.split('.')
  if (key === 'kind') return `${subject}_kind`
  return key === 'code' && subject === 'area' ? 'area_code' : key
}

function valueText(key: string, value: unknown, nameOf: NameOf): string {
  if (isNothing(value)) return ''
  if (!Array.isArray(value)) return plain(key, value, nameOf)
  if (key === 'first_grant') return `${plain('role', value[0], nameOf)} · ${plain('area_id', value[1], nameOf)}`
  const isChange = value.length === 2 && (!LISTS.has(key) || value.every(Array.isArray)) && key !== 'points'
  return isChange ? `${plain(key, value[0], nameOf)} → ${plain(key, value[1], nameOf)}` : plain(key, value, nameOf)
}

function plain(key: string, value: unknown, nameOf: NameOf): string {
  const { t } = i18n.global
  if (isNothing(value)) return '—'
  if (typeof value === 'boolean') return t(value ? 'people.yes' : 'people.no')
  if (typeof value === 'number') return key.endsWith('_s') ? spanText(value) : String(value)
  if (isTexts(value)) return value.map((one) => word(key, one, nameOf)).join(' / ')
  return typeof value === 'string' ? word(key, value, nameOf) : JSON.stringify(value)
}

function word(key: string, value: string, nameOf: NameOf): string {
  const { t, te } = i18n.global
  if (IDS.has(key)) return nameOf(value) ?? value.slice(-8)
  if (key === 'code' || key === 'failure') return codedText('problem', value)
  if (MOMENTS.has(key)) return clockText(value, true)
  const named = `${FAMILIES[key]}.${value.replaceAll(' ', '-')}`
  return te(named) ? t(named) : value
}

function labelOf(key: string): string {
  const { t, te } = i18n.global
  return te(`audit.field.${key}`) ? t(`audit.field.${key}`) : key
}

const isNothing = (value: unknown): boolean => value === null || value === undefined || value === ''

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string')

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

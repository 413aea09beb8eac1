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

/** Ids that mean nothing to a reader stand only in the row's full text. */
const IDS = new Set(['user_id', 'group_id', 'parent_id', 'area_id', 'zone_id', 'joined', 'left'])

/** Families of texts for values that are words of the system. */
const FAMILIES: Record<string, string> = { role: 'roleName', stream: 'role', severity: 'severity', direction: 'direction', outcome: 'audit.outcome', kind: 'audit.kind', reason: 'audit.reason', by: 'audit.by' }

/** The detail of a row in words. `nameOf` finds the name of an id where the reader knows it. */
export function detailWords(detail: AuditRow['detail'], nameOf: (id: string) => string | undefined): DetailWord[] {
  const { before, after, ...rest } = detail
  const changes = isRecord(before) && isRecord(after) ? changesOf(before, after) : []
  return [...Object.entries(rest), ...changes].flatMap(([key, value]) => {
    const text = valueText(key, value, nameOf)
    return text === '' ? [] : [{ key, label: labelOf(key), text }]
  })
}

/** The two halves of a change of an area. Its code is one of divisions, not that of a refusal. */
function changesOf(before: Record<string, unknown>, after: Record<string, unknown>): [string, unknown][] {
  return Object.entries(after).map(([key, value]) => [key === 'code' ? 'area_code' : key, [before[key], value]])
}

function valueText(key: string, value: unknown, nameOf: (id: string) => string | undefined): string {
  if (value === null || value === undefined || value === '') return ''
  if (key === 'first_grant' && Array.isArray(value)) return `${plain('role', value[0], nameOf)} · ${plain('area_id', value[1], nameOf)}`
  if (isChange(key, value)) return `${plain(key, value[0], nameOf)} → ${plain(key, value[1], nameOf)}`
  return plain(key, value, nameOf)
}

function plain(key: string, value: unknown, nameOf: (id: string) => string | undefined): string {
  const { t, te } = i18n.global
  if (value === null || value === undefined || value === '') return '—'
  if (typeof value === 'boolean') return t(value ? 'people.yes' : 'people.no')
  if (key === 'duration_s' && typeof value === 'number') return spanText(value)
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? value.map((one) => plain(key, one, nameOf)).join(' / ') : JSON.stringify(value)
  if (typeof value !== 'string') return JSON.stringify(value)
  if (IDS.has(key)) return nameOf(value) ?? value.slice(-8)
  if (key === 'code') return codedText('problem', value)
  if (key === 'since' || key === 'until') return clockText(value, true)
  if (key === 'scopes') return te(`permission.${value}`) ? t(`permission.${value}`) : value
  const family = FAMILIES[key]
  const word = `${family}.${value.replaceAll(' ', '-')}`
  return family !== undefined && te(word) ? t(word) : value
}

function labelOf(key: string): string {
  const { t, te } = i18n.global
  return te(`audit.field.${key}`) ? t(`audit.field.${key}`) : key
}

/** `[old, new]`, as changes are recorded. */
function isChange(key: string, value: unknown): value is [unknown, unknown] {
  return Array.isArray(value) && value.length === 2 && !LISTS.has(key)
}

/** Fields whose value is a list by itself; a change of one is a pair of lists. */
const LISTS = new Set(['scopes', 'masks', 'labels'])

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

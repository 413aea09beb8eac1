import { FIELD_GROUPS, type CameraLedger, type FieldGroup, type LedgerField, type LedgerValue } from '@/api/ledger'

/** What is in the form: text for everything but flags; '' is nothing. */
export type LedgerForm = Record<string, string | boolean>

export const formOf = (fields: readonly LedgerField[], ledger: CameraLedger): LedgerForm =>
  Object.fromEntries(fields.map(({ name }) => [name, typeof ledger.values[name] === 'boolean' ? ledger.values[name] : String(ledger.values[name] ?? '')]))

/** The whole ledger as it is sent: empty fields are left out, which empties them. */
export function valuesOf(fields: readonly LedgerField[], form: LedgerForm): Record<string, LedgerValue> {
  const typed = fields.map(({ name }): [string, string | boolean] => {
    const value = form[name] ?? ''
    return [name, typeof value === 'string' ? value.trim() : value]
  })
  return Object.fromEntries(typed.filter(([, value]) => value !== ''))
}

/** The fields by group, in the order of the groups; a group without fields is left out. */
export function grouped(fields: readonly LedgerField[]): { group: FieldGroup; fields: LedgerField[] }[] {
  return FIELD_GROUPS.map((group) => ({ group, fields: fields.filter((field) => field.group === group) })).filter(({ fields: own }) => own.length > 0)
}

/** The mandatory fields that lack a value, and to which the form gives none yet, in the order of the form. */
export const stillLacking = (fields: readonly LedgerField[], missing: readonly string[], form: LedgerForm): LedgerField[] =>
  grouped(fields).flatMap(({ fields: own }) => own.filter((field) => missing.includes(field.name) && !(field.name in valuesOf([field], form))))

/** How many mandatory fields of a group lack a value. */
export const lacking = (fields: readonly LedgerField[], missing: readonly string[]): number =>
  fields.filter(({ name }) => missing.includes(name)).length

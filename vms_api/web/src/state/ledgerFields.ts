import { computed, shallowRef } from 'vue'
import { readFields, type LedgerField, type LedgerFields } from '@/api/ledger'
import { i18n } from '@/i18n'

const known = shallowRef<LedgerFields | null>(null)

/** The fields of the ledger; empty until they are loaded. */
export const ledgerFields = computed(() => known.value?.fields ?? [])

/** Everything that a column of a spreadsheet may be. */
export const importFields = computed(() => [...(known.value?.registry_columns ?? []), ...ledgerFields.value])

/** They are part of the program, so they are asked for once. */
export async function loadFields(): Promise<void> {
  known.value ??= await readFields()
}

const inChinese = () => i18n.global.locale.value === 'zh-CN'

export const wordsOf = (words: { zh: string; en: string }): string => (inChinese() ? words.zh : words.en)

export const fieldTitle = (name: string): string => {
  const field = importFields.value.find((one) => one.name === name)
  return field ? wordsOf(field) : name
}

/** A value as people read it. */
export function valueText(field: LedgerField | undefined, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return i18n.global.t(value ? 'ledger.yes' : 'ledger.no')
  const choice = field?.choices?.find(({ key }) => key === value)
  return choice ? wordsOf(choice) : String(value)
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { AUDIT_KINDS } from '@/api/audit'
import { GAP_REASONS } from '@/api/recording'
import { PERMISSIONS, ROLES } from '@/api/permission'
import { LABELS } from '@/api/rule'
import en from '@/i18n/en'
import zh from '@/i18n/zh-CN'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))
const INGEST_ERRORS = fileURLToPath(new URL('../../../ingest/errors.py', import.meta.url))
const SERVER = fileURLToPath(new URL('../..', import.meta.url))
const PERMISSION_TABLE = `${SERVER}/accounts/permission.py`
const AUDIT_ENTRY = `${SERVER}/audit/entry.py`
const GAP = fileURLToPath(new URL('../../../ingest/recording/gap.py', import.meta.url))
const DETECTION = fileURLToPath(new URL('../../../analytics/detection.py', import.meta.url))

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flat(value, `${prefix}${key}.`),
  )
}

const chinese = new Map(flat(zh))
const english = new Map(flat(en))

const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(vue|ts)$/.test(path) && !/i18n.(zh-CN|en)\b/.test(path))
  .map((path) => readFileSync(`${SOURCE}/${path}`, 'utf8'))

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()

const stemsOf = (text: string) => [...text.matchAll(/\bt\(\s*`([^`$]+)\$\{/g)].map(([, stem]) => stem ?? '')

/** The values of a Python StrEnum, from its source. */
function membersOf(text: string, name: string): string[] {
  const body = new RegExp(`class ${name}\\(StrEnum\\):([\\s\\S]*?)\\n\\n\\n`).exec(text)?.[1] ?? ''
  return [...body.matchAll(/^    [A-Z_]+ = "([^"]+)"/gm)].map(([, value]) => value ?? '')
}

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('have the same placeholders in both languages', () => {
    for (const [key, text] of chinese) expect([key, placeholders(english.get(key) ?? '')]).toEqual([key, placeholders(text)])
  })

  it('are Chinese in Chinese and free of Chinese in English', () => {
    const same = new Set(['form.udp', 'problem.nameGap'])
    for (const [key, text] of chinese) expect(same.has(key) || /\p{Script=Han}|^\{/u.test(text), key).toBe(true)
    for (const [key, text] of english) expect(/\p{Script=Han}/u.test(text), key).toBe(false)
  })

  it('exist for every key that the page names', () => {
    const named = sources.flatMap((text) => [...text.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => key ?? ''))
    expect(named.length).toBeGreaterThan(100)
    expect(named.filter((key) => !chinese.has(key))).toEqual([])
  })

  it('exist under every stem that the page completes', () => {
    const stems = sources.flatMap(stemsOf)
    expect(stems.length).toBeGreaterThan(10)
    expect(stems.filter((stem) => ![...chinese.keys()].some((key) => key.startsWith(stem)))).toEqual([])
  })

  it('are all said somewhere', () => {
    const everything = sources.join('\n')
    const families = ['fault', 'problem', 'field', 'label', 'state', 'stateHint', 'audit.reason', 'audit.by', 'gapReason', 'remedy']
    const stems = stemsOf(everything)
    const isSaid = (key: string) => everything.includes(`'${key}'`) || stems.some((stem) => key.startsWith(stem))
    expect([...chinese.keys()].filter((key) => !families.some((family) => key.startsWith(`${family}.`)) && !isSaid(key))).toEqual([])
  })

  it('stand in the language files alone', () => {
    const stray = sources.flatMap((text) => [...text.matchAll(/\p{Script=Han}+/gu)].map(([words]) => words))
    expect(stray.filter((words) => words !== '中文')).toEqual([])
  })

  it('name every fault that ingest can report', () => {
    const codes = [...readFileSync(INGEST_ERRORS, 'utf8').matchAll(/code[^=\n]*= "([a-z-]+)"/g)].map(([, code]) => code)
    expect(codes.length).toBeGreaterThan(10)
    expect(codes.filter((code) => !chinese.has(`fault.${code}`))).toEqual([])
  })

  it.runIf(existsSync(GAP))('name every reason for a gap', () => {
    expect(membersOf(readFileSync(GAP, 'utf8'), 'GapReason').sort()).toEqual([...GAP_REASONS].sort())
    expect(GAP_REASONS.filter((reason) => !chinese.has(`gapReason.${reason}`))).toEqual([])
  })

  it('say what to do about every fault and every gap', () => {
    const codes = [...chinese.keys()].flatMap((key) => /^(?:fault|gapReason)\.(.+)$/.exec(key)?.[1] ?? [])
    expect(codes.filter((code) => !chinese.has(`remedy.${code}`))).toEqual([])
  })

  it('name every problem that the server can answer', () => {
    const files = readdirSync(SERVER, { recursive: true, encoding: 'utf8' }).filter((path) => /errors\.py$/.test(path) && !/node_modules/.test(path))
    const codes = files.flatMap((path) => [...readFileSync(`${SERVER}/${path}`, 'utf8').matchAll(/code, title = (?:\d+, )?"([a-z-]+)"/g)].map(([, code]) => code))
    expect(codes.length).toBeGreaterThan(20)
    const internal = ['epoch-stale', 'node-token-wrong'] // Between our own processes; no reader ever meets them.
    expect(codes.filter((code) => !internal.includes(code ?? '') && !chinese.has(`problem.${code}`))).toEqual([])
  })

  it.runIf(existsSync(PERMISSION_TABLE))('name every permission and every role', () => {
    const text = readFileSync(PERMISSION_TABLE, 'utf8')
    expect(membersOf(text, 'Permission').sort()).toEqual([...PERMISSIONS].sort())
    expect(membersOf(text, 'Role')).toEqual([...ROLES])
    for (const permission of PERMISSIONS) expect(chinese.has(`permission.${permission}`), permission).toBe(true)
    for (const role of ROLES) expect(chinese.has(`roleName.${role}`) && chinese.has(`roleHint.${role}`), role).toBe(true)
  })

  it.runIf(existsSync(AUDIT_ENTRY))('name everything that is audited', () => {
    expect(membersOf(readFileSync(AUDIT_ENTRY, 'utf8'), 'AuditKind').sort()).toEqual([...AUDIT_KINDS].sort())
    for (const kind of AUDIT_KINDS) expect(chinese.has(`audit.kind.${kind}`), kind).toBe(true)
  })

  it('name every class that may be analysed', () => {
    const listed = /ALLOWED_LABELS = frozenset\(([^)]*\)[^)]*\)[^)]*\))/.exec(readFileSync(DETECTION, 'utf8'))?.[1] ?? ''
    const allowed = [...listed.matchAll(/"([a-z]+)"/g)].map(([, label]) => label)
    expect(new Set(LABELS)).toEqual(new Set([...allowed, 'motion'])) // named there by its constant, MOTION
    expect(LABELS.filter((label) => !chinese.has(`label.${label}`))).toEqual([])
  })
})

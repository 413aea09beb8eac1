import { describe, expect, it } from 'vitest'
import type { CameraLedger, LedgerField } from '@/api/ledger'
import { rateText } from '@/ledger/completeness'
import { formOf, stillLacking } from '@/ledger/form'
import { byLaw, bySite, sameKinds } from '@/ledger/prohibited'
import { placedAt, positionOf, typedPosition } from '@/place/position'

const field = (name: string, group: LedgerField['group'], kind: LedgerField['kind'] = 'text'): LedgerField => ({
  ...{ name, group, kind, zh: name, en: name, choices: null, max_length: null, required: true, restricted: false },
})

const ledger = (values: CameraLedger['values']): CameraLedger => ({
  ...{ camera_id: 'c', values, completeness: { filled: 0, required: 1 }, missing: [], version: 1, updated_at: null, updated_by: null },
})

describe('what a ledger lacks', () => {
  const fields = [field('sign_place', 'sign'), field('maker', 'equipment'), field('audio', 'equipment', 'flag'), field('name', 'identity')]
  const lacking = (typed: Record<string, string | boolean>) =>
    stillLacking(fields, ['audio', 'maker', 'sign_place'], { ...formOf(fields, ledger({ name: 'Gate' })), ...typed }).map(({ name }) => name)

  it('is named in the order of the form', () => {
    expect(lacking({})).toEqual(['maker', 'audio', 'sign_place'])
  })

  it('is no longer named once something is typed, be it a no; blanks are nothing', () => {
    expect(lacking({ maker: 'Acme', audio: false, sign_place: '  ' })).toEqual(['sign_place'])
  })
})

describe('the first position', () => {
  it('is two numbers of degrees, in digits of any width', () => {
    expect(typedPosition(' 116.397 ', '３９．９')).toEqual({ longitude: 116.397, latitude: 39.9 })
    expect(typedPosition('-180', '90')).toEqual({ longitude: -180, latitude: 90 })
  })

  it('is nothing while one is empty, no number or not on the globe', () => {
    for (const [longitude, latitude] of [['', '39'], ['116', ' '], ['116°', '39'], ['1e2', '39'], ['180.1', '39'], ['116', '-90.5']] as const) expect(typedPosition(longitude, latitude)).toBeNull()
  })

  it('leaves the rest of the ledger, and says in which system it is', () => {
    const values = placedAt(ledger({ maker: 'Acme', longitude: 1, latitude: 2, coordinate_system: 'wgs84' }), { longitude: 116.12345678, latitude: 39 }, 'gcj02')
    expect(values).toEqual({ maker: 'Acme', longitude: 116.123457, latitude: 39, coordinate_system: 'gcj02' })
    expect(positionOf(ledger(values))).toEqual({ longitude: 116.123457, latitude: 39 })
  })
})

describe('the completeness of an area', () => {
  const rate = (cameras: number, complete: number, share: number | null) => rateText({ area_id: 'a', cameras, complete, rate: share })

  it('is how many cameras lack nothing, and the share of the fields', () => {
    expect(rate(15, 12, 0.8)).toBe('12/15 · 80%')
    expect(rate(3, 1, 0.29)).toBe('1/3 · 29%')
    expect(rate(2, 2, 1)).toBe('2/2 · 100%')
  })

  it('is never rounded up to the whole', () => {
    expect(rate(1000, 999, 0.9999)).toBe('999/1000 · 99%')
  })

  it('is a dash without cameras', () => {
    expect(rate(0, 0, null)).toBe('—')
  })
})

describe('the prohibited places', () => {
  it('are those of the law and those of the site', () => {
    const places = [{ kind: 'dormitory', by: 'law' }, { kind: 'school', by: 'site' }] as const
    expect([byLaw(places), bySite(places)]).toEqual([['dormitory'], ['school']])
  })

  it('are unchanged in another order', () => {
    expect(sameKinds(['a', 'b'], ['b', 'a'])).toBe(true)
    expect(sameKinds(['a', 'b'], ['a', 'c'])).toBe(false)
    expect(sameKinds(['a'], ['a', 'b'])).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import type { Area } from '@/api/area'
import { changesOf, formBelow, formOf, isCode, isPhone } from '@/areas/form'
import { cameraCounts, lineage, treeRows, withAllBelow } from '@/areas/tree'

const area = (id: string, parent_id: string | null, more: Partial<Area> = {}): Area => ({
  ...{ id, parent_id, name: id, kind: 'village', code: null, centre: null, is_top: false, camera_count: 0, permissions: [] },
  ...more,
})

const byName = (a: string, b: string) => a.localeCompare(b)
const TREE = [
  area('east', 'town', { is_top: false, camera_count: 2 }),
  area('city', null, { kind: 'city' }),
  area('west', 'town', { code: '01', is_top: false, camera_count: 3 }),
  area('town', 'city', { kind: 'township', is_top: false, camera_count: 1 }),
]

describe('the area tree', () => {
  it('puts children below their parent, those with a code first', () => {
    expect(treeRows(TREE, byName).map(({ area: { id }, depth }) => [id, depth])).toEqual([
      ...[['city', 0]],
      ...[['town', 1]],
      ...[['west', 2]],
      ...[['east', 2]],
    ])
  })

  it('begins at the topmost area that the reader sees', () => {
    const seen = TREE.filter(({ id }) => id !== 'city')
    expect(treeRows(seen, byName)[0]).toMatchObject({ area: { id: 'town' }, depth: 0 })
  })

  it('knows all that is below an area, itself included', () => {
    expect([...withAllBelow(TREE, 'town')].sort()).toEqual(['east', 'town', 'west'])
    expect([...withAllBelow(TREE, 'gone')]).toEqual(['gone'])
  })

  it('counts the cameras of an area with those below it', () => {
    expect(Object.fromEntries(cameraCounts(TREE))).toEqual({ city: 6, town: 6, east: 2, west: 3 })
  })

  it('names the way from the top to an area', () => {
    expect(lineage(TREE, 'west').map(({ id }) => id)).toEqual(['city', 'town', 'west'])
  })
})

describe('the area form', () => {
  it('begins a new area as what usually lies below its parent', () => {
    expect(formBelow(area('town', null, { kind: 'township' }))).toEqual({ parentId: 'town', name: '', kind: 'village', code: '', centreName: '', centrePhone: '' })
  })

  it('sends only what was changed', () => {
    const west = area('west', 'town', { code: '01' })
    expect(changesOf(west, formOf(west))).toEqual({})
    expect(changesOf(west, { ...formOf(west), name: ' West ', code: '' })).toEqual({ name: 'West', code: null })
    expect(changesOf(west, { ...formOf(west), parentId: 'city' })).toEqual({ parent_id: 'city' })
  })

  it('has a centre if it has a name', () => {
    const plain = area('west', 'town')
    const centre = { name: 'Duty room', phone: '010-88' }
    const manned = area('west', 'town', { centre })
    expect(changesOf(plain, { ...formOf(plain), centreName: ' Duty room ', centrePhone: '010-88 ' })).toEqual({ centre })
    expect(changesOf(manned, formOf(manned))).toEqual({})
    expect(changesOf(manned, { ...formOf(manned), centreName: ' ' })).toEqual({ centre: null })
    expect(['', '110', '+86 571 8888'].map(isPhone)).toEqual([true, true, true])
    expect(['1', 'call me', '1-'].map(isPhone)).toEqual([false, false, false])
  })

  it('never moves the area above all', () => {
    const city = area('city', null)
    expect(changesOf(city, { ...formOf(city), name: 'City' })).toEqual({ name: 'City' })
  })

  it('takes codes of 2 to 12 digits, or none', () => {
    expect(['', '33', '330106001000'].map(isCode)).toEqual([true, true, true])
    expect(['3', '33a', '3301060010001'].map(isCode)).toEqual([false, false, false])
  })
})

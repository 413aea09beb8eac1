import { describe, expect, it } from 'vitest'
import type { Camera } from '@/api/camera'
import { LABELS } from '@/api/rule'
import { cameraOf, formOf, missing } from '@/cameras/form'
import { byTemplate, gaps, isOvernight, ofKind, ruleFor, ruleOf, TEMPLATE_NAMES, templateZone, unknownLabels } from '@/rules/form'

describe('the camera form', () => {
  const stored = { area_id: 'village', name: 'Gate', address: 'rtsp://h/1', sub_address: null, transport: 'tcp', username: 'u', enabled: true, analysed: true }

  it('leaves a stored password alone until somebody types one or removes it', () => {
    const form = formOf(stored as unknown as Camera)
    expect('password' in cameraOf(form)).toBe(false)
    expect(cameraOf({ ...form, password: 'new' }).password).toBe('new')
    expect(cameraOf({ ...form, password: 'new', forgetsPassword: true }).password).toBeNull()
  })

  it('sends empty texts as nothing', () => {
    expect(cameraOf({ ...formOf(null), name: ' a ', subAddress: ' ' })).toMatchObject({ name: 'a', sub_address: null, username: null })
  })

  it('misses an area, a name and an RTSP address', () => {
    expect(missing(formOf(null))).toEqual({ area: true, name: true, address: true })
    expect(missing({ ...formOf(null, 'village'), name: 'a', address: 'rtsp://h' })).toEqual({ area: false, name: false, address: false })
    expect(missing({ ...formOf(null), name: 'a', address: 'file:///x' }).address).toBe(true)
  })
})

describe('the rule form', () => {
  it('begins with the kind that fits the place', () => {
    expect(ruleFor({ id: 'z', name: '', kind: 'line', points: [] }, 'car')).toMatchObject({ kind: 'line_crossing', zone_id: 'z', labels: ['car'] })
    expect(ruleFor(undefined, 'person')).toMatchObject({ kind: 'intrusion', zone_id: '' })
  })

  it('misses a name, a place, an object and days', () => {
    const draft = { ...ruleFor(undefined, 'person'), labels: [], schedule: { windows: [{ days: [], start: '08:00', end: '09:00' }] } }
    expect(gaps(draft)).toEqual(['name', 'zone_id', 'labels', 'schedule'])
  })

  it('takes the place and the objects that another kind needs', () => {
    const zones = [{ id: 'a', name: '', kind: 'area' as const, points: [] }, { id: 'l', name: '', kind: 'line' as const, points: [] }]
    const draft = ruleFor(zones[0], 'person')
    expect(ofKind(draft, 'wrong_way', zones)).toMatchObject({ zone_id: 'l', dwell_s: 0, parameters: { reach: 0.1 }, labels: ['car', 'bus', 'truck'] })
    expect(ofKind(draft, 'loitering', zones)).toMatchObject({ zone_id: 'a', dwell_s: 60, labels: ['person'], parameters: {} })
    expect(ofKind(draft, 'wrong_way', zones.slice(0, 1)).zone_id).toBe('')
  })

  it('is filled in by a template', () => {
    const zones = [{ id: 'a', name: '', kind: 'area' as const, points: [] }]
    for (const name of TEMPLATE_NAMES) expect(gaps(byTemplate(ruleFor(zones[0], 'person'), name, name, zones))).toEqual(templateZone(name) === 'line' ? ['zone_id'] : [])
    expect(byTemplate({ ...ruleFor(zones[0], 'person'), instructions: 'Call' }, 'fireLane', 'Lane', zones)).toMatchObject({ name: 'Lane', kind: 'stopped_vehicle', instructions: 'Call' })
  })

  it('says what the detector in use cannot tell', () => {
    const fire = { kind: 'fire' as const, labels: ['fire', 'smoke'] }
    expect(unknownLabels(fire, ['person', 'smoke'])).toEqual(['fire'])
    expect(unknownLabels({ kind: 'intrusion', labels: ['person', 'motion'] }, ['person'])).toEqual([])
    expect(unknownLabels({ kind: 'object_removed', labels: ['boat'] }, ['person'])).toEqual([])
    expect(unknownLabels(fire, null)).toEqual([])
  })

  it('sends a dwell time only for an area', () => {
    expect(ruleOf({ ...ruleFor(undefined, 'person'), kind: 'line_crossing', dwell_s: 5 }).dwell_s).toBe(0)
  })

  it('knows a night from a day', () => {
    expect([isOvernight('22:00', '06:00'), isOvernight('08:00', '18:00'), isOvernight('00:00', '00:00')]).toEqual([true, false, true])
  })

  it('offers no label that tells persons apart', () => {
    expect(LABELS.filter((label) => /face|plate|man|woman|child/.test(label))).toEqual([])
  })
})

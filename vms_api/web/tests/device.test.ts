import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { NOTICES, type Device, type DeviceStream } from '@/api/device'
import { DEVICE_RULE_KINDS, type DeviceRule } from '@/api/deviceRule'
import type { CameraLedger } from '@/api/ledger'
import { asKind, deviceRuleFor, deviceRuleGaps, deviceRuleOf, fieldsOf, mayKeep, relaysFor, sourcesOf } from '@/device/ruleForm'
import { canTurn, COMPARED, endsSoon, hasDrifted, isClockWrong, settingText } from '@/device/settings'
import { hearNotices, passNotice } from '@/device/notices'
import { placedAt, positionOf } from '@/place/position'
import { tabOf, tabsFor } from '@/cameras/tabs'

const NOTICE = fileURLToPath(new URL('../../care/notice.py', import.meta.url))
const RULE = fileURLToPath(new URL('../../care/device_rule.py', import.meta.url))
const figures = (value: number) => String(value)
const settings = { codec: 'h264', width: 1920, height: 1080, fps: 25, bitrate_kbps: 4096, gop_s: null }

describe('the settings of a stream', () => {
  it('are read with their units, and as nothing where they are not known', () => {
    expect(COMPARED.map((name) => settingText(settings, name, figures))).toEqual(['H264', '1920×1080', '25 fps', '4096 kbit/s', ''])
    expect(settingText(null, 'codec', figures)).toBe('')
  })

  it('have drifted where the server says so', () => {
    const stream: DeviceStream = { role: 'main', expected: settings, actual: settings, drift: ['height', 'fps'] }
    expect(COMPARED.filter((name) => hasDrifted(stream, name))).toEqual(['size', 'fps'])
  })
})

describe('a device', () => {
  const device = { kind: 'onvif', checked_at: '2026-11-22T00:00:00Z', capabilities: { ptz: false } } as Device

  it('can be turned unless it is known that it cannot', () => {
    const turns = { ...device.capabilities, ptz: true }
    expect([canTurn(null), canTurn(device), canTurn({ ...device, checked_at: null }), canTurn({ ...device, capabilities: turns })]).toEqual([true, false, true, true])
    expect(canTurn({ ...device, kind: null, capabilities: turns })).toBe(false)
  })

  it('is warned of in time', () => {
    const now = Date.parse('2026-11-22T00:00:00Z')
    expect([endsSoon('2026-12-01T00:00:00Z', now), endsSoon('2027-11-22T00:00:00Z', now)]).toEqual([true, false])
    expect([isClockWrong(null), isClockWrong(-3), isClockWrong(1)]).toEqual([false, true, false])
  })

  it('is heard by who listens to its camera, for as long as that one does', () => {
    const heard: string[] = []
    const forget = hearNotices('a', ({ source }) => void heard.push(source))
    const notice = { id: '1', at: '', kind: 'motion', active: true, source: 'one' } as const
    passNotice('a', notice)
    passNotice('b', notice)
    forget()
    passNotice('a', notice)
    expect(heard).toEqual(['one'])
  })

  it('notices what the server knows', () => {
    const text = readFileSync(NOTICE, 'utf8')
    for (const kind of NOTICES) expect(text.includes(`"${kind}"`), kind).toBe(true)
  })
})

describe('a rule that needs no picture', () => {
  const covered = { ...deviceRuleFor(true), name: ' Lens ', source: ' Input 1 ' }

  it('is of a kind that the server knows', () => {
    const listed = /DeviceRuleKind = Literal\[([^\]]*)\]/.exec(readFileSync(RULE, 'utf8'))?.[1] ?? ''
    expect([...listed.matchAll(/"(\w+)"/g)].map(([, kind]) => kind)).toEqual([...DEVICE_RULE_KINDS])
  })

  it('can only be about being offline where there is no device', () => {
    expect(deviceRuleFor(false)).toMatchObject({ kind: 'camera_offline', notice: null })
    expect(deviceRuleFor(true)).toMatchObject({ kind: 'device_notice', notice: 'tamper' })
  })

  it('names a notice and a source only where it waits for a notice', () => {
    const offline = asKind(covered, 'camera_offline')
    expect(offline).toMatchObject({ notice: null, source: null, name: ' Lens ' })
    expect(asKind(offline, 'device_notice').notice).toBe('tamper')
    expect(asKind({ ...covered, notice: 'motion' }, 'device_notice').notice).toBe('motion')
  })

  it('is sent trimmed, an empty source as any', () => {
    expect(deviceRuleOf(covered)).toMatchObject({ name: 'Lens', source: 'Input 1' })
    expect(deviceRuleOf({ ...covered, source: ' ' }).source).toBeNull()
  })

  it('misses a name, and days in which it is armed', () => {
    const never = { windows: [{ days: [], start: '22:00', end: '06:00' }] }
    expect(deviceRuleGaps({ ...deviceRuleFor(false), schedule: never })).toEqual(['name', 'schedule'])
    expect(deviceRuleGaps(covered)).toEqual([])
  })

  it('is edited apart from the rule that is shown', () => {
    const shown: DeviceRule = { ...covered, id: 'r', relay: { token: 'siren', seconds: 10 } }
    const draft = fieldsOf(shown)
    draft.relay!.seconds = 20
    expect([shown.relay?.seconds, 'id' in draft]).toEqual([10, false])
  })

  it('is offered the sources that were heard, each once, and the relay that it names already', () => {
    const heard = (kind: 'motion' | 'tamper', source: string) => ({ id: source, at: '', kind, active: true, source })
    expect(sourcesOf([heard('tamper', 'a'), heard('tamper', ''), heard('motion', 'b'), heard('tamper', 'a')], 'tamper')).toEqual(['a'])
    const device = { capabilities: { relays: [{ token: 'light', active: null }] } } as unknown as Device
    expect([relaysFor(null, null), relaysFor(device, 'light'), relaysFor(device, 'siren')]).toEqual([[], ['light'], ['light', 'siren']])
  })

  it('that switches a relay takes the right to switch it', () => {
    const relay = { token: 'siren', seconds: 10 }
    expect([mayKeep(covered, false), mayKeep({ ...covered, relay }, false), mayKeep({ ...covered, relay }, true)]).toEqual([true, false, true])
  })
})

describe('a place', () => {
  const ledger = { values: { code: '1', longitude: 116.3, latitude: 39.9 } } as unknown as CameraLedger

  it('is read only whole', () => {
    expect(positionOf(ledger)).toEqual({ longitude: 116.3, latitude: 39.9 })
    expect(positionOf({ ...ledger, values: { longitude: 116.3 } })).toBeNull()
  })

  it('is changed without touching the rest of the ledger', () => {
    expect(placedAt(ledger, { longitude: 116.12345678, latitude: 39 })).toEqual({ code: '1', longitude: 116.123457, latitude: 39, coordinate_system: 'wgs84' })
  })
})

describe('the leaves of a camera', () => {
  it('are named by the address, and begin with the picture', () => {
    expect([tabOf('health').name, tabOf(undefined).name, tabOf('nonsense').name]).toEqual(['health', 'live', 'live'])
  })

  it('are offered to who may use them', () => {
    expect(tabsFor(() => false).map(({ name }) => name)).not.toContain('ptz')
    expect(tabsFor(() => true).map(({ name }) => name)).toContain('viewers')
  })
})

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CAUTIONS, type Examined, type SeenStream } from '@/api/discovery'
import { batches, hostOf, looked, named, networksOf, rowOf, wanted, willBeTakenIn } from '@/discovery/rows'
import zh from '@/i18n/zh-CN'

const PROPOSAL = fileURLToPath(new URL('../../discovery/proposal.py', import.meta.url))

const stream = (name: string, codec: string | null = 'h264'): SeenStream => ({
  address: `rtsp://192.168.1.64/${name}`,
  profile_token: name,
  profile_name: name,
  codec,
  width: 1920,
  height: 1080,
  frame_rate: 25,
  gop_s: 2,
  has_b_frames: false,
  has_audio: false,
  fault: codec === null ? 'source-timeout' : null,
})

const seenAt = (address: string, changes: Partial<Examined> = {}): Examined => ({
  address,
  fault: null,
  manufacturer: 'Maker',
  model: 'M1',
  firmware: '',
  serial: '',
  login: 'digest',
  clock_offset_s: 0,
  has_ptz: false,
  has_events: false,
  has_imaging: false,
  has_snapshot: false,
  streams: [stream('main'), stream('sub')],
  cautions: [],
  known_as: null,
  picture: null,
  ...changes,
})

const rowAt = (ip: string, changes: Partial<Examined> = {}) => looked(rowOf(`http://${ip}/onvif`, null), seenAt(`http://${ip}/onvif`, changes))
const LOGIN = { username: 'admin', password: 'x', unverified_tls: true }

describe('a device on its way to being a camera', () => {
  it('is wanted when its main stream opens and it is none yet', () => {
    expect(willBeTakenIn(rowAt('192.168.1.64'))).toBe(true)
    expect(willBeTakenIn(rowAt('192.168.1.64', { known_as: 'Gate' }))).toBe(false)
    expect(willBeTakenIn(rowAt('192.168.1.64', { streams: [stream('main', null)] }))).toBe(false)
    expect(willBeTakenIn(rowAt('192.168.1.64', { streams: [], fault: { code: 'credentials-refused', message: '' } }))).toBe(false)
  })

  it('is not taken in twice', () => {
    const row = { ...rowAt('192.168.1.64'), adopted: { name: 'a', camera: { id: '1' } as never, fault: null } }
    expect(willBeTakenIn(row)).toBe(false)
    expect(willBeTakenIn({ ...row, adopted: { name: 'a', camera: null, fault: { code: 'name-taken', message: '' } } })).toBe(true)
  })

  it('is named after itself, and with its address where that is not enough', () => {
    const rows = named([rowAt('192.168.1.64'), rowAt('192.168.1.65'), rowAt('192.168.1.66', { model: 'M2' })], [])
    expect(rows.map(({ name }) => name)).toEqual(['Maker M1 192.168.1.64', 'Maker M1 192.168.1.65', 'Maker M2'])
    expect(named([rowAt('192.168.1.66', { model: 'M2' })], ['maker m2'])[0]?.name).toBe('Maker M2 192.168.1.66')
  })

  it('keeps the name that somebody typed', () => {
    expect(named([{ ...rowAt('192.168.1.64'), name: 'Gate' }], [])[0]?.name).toBe('Gate')
  })

  it('is sent with what was seen to work', () => {
    const sent = wanted({ ...rowAt('192.168.1.64', { streams: [stream('main'), stream('sub', null)] }), name: ' Gate ' }, LOGIN)
    expect(sent).toEqual({
      name: 'Gate',
      address: 'rtsp://192.168.1.64/main',
      sub_address: null,
      device: { address: 'http://192.168.1.64/onvif', profile_token: 'main', login: 'digest', unverified_tls: true },
    })
  })
})

describe('what is typed', () => {
  it('may be parted in any way', () => {
    expect(networksOf(' 10.0.0.0/24，10.0.1.0/24\n10.0.2.7 ')).toEqual(['10.0.0.0/24', '10.0.1.0/24', '10.0.2.7'])
    expect(networksOf('  ')).toEqual([])
  })

  it('is shown by its host', () => {
    expect([hostOf('http://192.168.1.64:8000/onvif'), hostOf('gate.local'), hostOf('rtsp://[fe80::1]/a')]).toEqual(['192.168.1.64', 'gate.local', '[fe80::1]'])
  })

  it('goes in batches', () => {
    expect(batches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  })
})

describe('cautions', () => {
  it('are those of the server, each with its words and its remedy', () => {
    const members = /class CautionKind\(StrEnum\):([\s\S]*?)\n\n\n/.exec(readFileSync(PROPOSAL, 'utf8'))?.[1] ?? ''
    expect([...members.matchAll(/= "([a-z0-9-]+)"/g)].map(([, code]) => code).sort()).toEqual([...CAUTIONS].sort())
    for (const code of CAUTIONS) expect(zh.discovery.caution[code] && zh.discovery.cautionRemedy[code], code).toBeTruthy()
  })
})

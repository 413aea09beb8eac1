import { call } from '@/api/client'
import type { Camera } from '@/api/camera'

/** An own address of the server, and the network around it that a scan is proposed for. */
export interface OwnInterface {
  name: string
  address: string
  network: string
  has_multicast: boolean
}

/** Networks are asked host by host; without any, whoever answers multicast on the interfaces is listed. */
export interface Where {
  networks: string[]
  interfaces: string[]
}

export interface ScanPlan extends Where {
  hosts: number
  in_flight: number
  datagrams: number
  seconds: number
}

/** A device that answered: a proposal, nothing more. */
export interface FoundDevice {
  ip: string
  address: string
  address_is_guessed: boolean
  identity: string
  name: string
  hardware: string
  location: string
  profiles: string[]
}

export interface Scan extends Where {
  state: 'none' | 'running' | 'done' | 'cancelled' | 'failed'
  started_at: string | null
  started_by: string | null
  done: number
  /** 0 where it is not known how many will be asked: by multicast. */
  total: number
  found: FoundDevice[]
}

export interface DeviceLogin {
  username: string | null
  password: string | null
  unverified_tls: boolean
}

/** A stream as it was seen; without `codec` it could not be opened, and `fault` says why. */
export interface SeenStream {
  address: string
  profile_token: string
  profile_name: string
  codec: string | null
  width: number | null
  height: number | null
  frame_rate: number | null
  gop_s: number | null
  has_b_frames: boolean
  has_audio: boolean
  fault: string | null
}

export const CAUTIONS = [
  'h265',
  'b-frames',
  'long-gop',
  'no-sub-stream',
  'clock-off',
  'clock-unknown',
  'codec-mistold',
  'host-replaced',
  'stream-unreachable',
] as const

/** One thing to know before a camera is taken in; `value` is the figure or word that it is about. */
export interface Caution {
  code: (typeof CAUTIONS)[number]
  stream: 'main' | 'sub' | null
  value: number | string | null
}

/** Who a device says it is, and its streams as they really are. With a `fault` the rest is empty. */
export interface Examined {
  address: string
  fault: { code: string; message: string } | null
  manufacturer: string
  model: string
  firmware: string
  serial: string
  login: 'digest' | 'token' | null
  clock_offset_s: number | null
  has_ptz: boolean
  has_events: boolean
  has_imaging: boolean
  has_snapshot: boolean
  streams: SeenStream[]
  cautions: Caution[]
  /** The camera of the site that it is already. */
  known_as: string | null
  /** A JPEG in base64. */
  picture: string | null
}

export interface DeviceLink {
  address: string
  profile_token: string
  login: 'auto' | 'digest' | 'token'
  unverified_tls: boolean
}

export interface WantedCamera {
  name: string
  address: string
  sub_address: string | null
  device: DeviceLink | null
}

/** With both, the camera was taken in, but cannot be moved. */
export interface Adopted {
  name: string
  camera: Camera | null
  fault: { code: string; message: string } | null
}

export const listInterfaces = () => call<{ items: OwnInterface[] }>('GET', '/discovery/interfaces').then(({ items }) => items)
export const planScan = (where: Where) => call<ScanPlan>('POST', '/discovery/plan', where)
export const startScan = (where: Where) => call<Scan>('POST', '/discovery/scan', where)
export const readScan = () => call<Scan>('GET', '/discovery/scan')
export const cancelScan = () => call<void>('DELETE', '/discovery/scan')
export const examineDevices = (addresses: string[], login: DeviceLogin) =>
  call<{ items: Examined[] }>('POST', '/discovery/examine', { addresses, ...login, with_pictures: true }).then(({ items }) => items)
export const adoptCameras = (areaId: string, { username, password }: DeviceLogin, cameras: WantedCamera[]) =>
  call<{ items: Adopted[] }>('POST', '/discovery/adopt', { area_id: areaId, username, password, cameras }).then(({ items }) => items)

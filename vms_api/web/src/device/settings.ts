import type { Device, DeviceStream, StreamSettings } from '@/api/device'

/** What of a stream is compared, in the order in which it is read. */
export const COMPARED = ['codec', 'size', 'fps', 'bitrate_kbps', 'gop_s'] as const
export type Compared = (typeof COMPARED)[number]

type Figures = (value: number, options: Intl.NumberFormatOptions) => string

/** A setting as it is read: "1920×1080", "25 fps"; empty where it is not known. */
export function settingText(settings: StreamSettings | null, name: Compared, n: Figures): string {
  if (settings === null) return ''
  if (name === 'size') return settings.width !== null && settings.height !== null ? `${settings.width}×${settings.height}` : ''
  const value = settings[name]
  if (value === null) return ''
  if (typeof value === 'string') return value.toUpperCase()
  const unit = { fps: 'fps', bitrate_kbps: 'kbit/s', gop_s: 's' }[name as 'fps' | 'bitrate_kbps' | 'gop_s']
  return `${n(value, { maximumFractionDigits: 1 })} ${unit}`
}

/** Whether a setting is not as it is wanted. The server names width and height apart. */
export const hasDrifted = ({ drift }: DeviceStream, name: Compared): boolean =>
  name === 'size' ? drift.includes('width') || drift.includes('height') || drift.includes('size') : drift.includes(name)

const DAY_MS = 86_400_000
/** A certificate that ends within this is told of before it is too late. */
const SOON_DAYS = 30

/** Days until a moment, negative afterwards. */
export const daysUntil = (at: string, nowMs: number): number => Math.floor((Date.parse(at) - nowMs) / DAY_MS)
export const endsSoon = (at: string, nowMs: number): boolean => daysUntil(at, nowMs) < SOON_DAYS

/** As the server: below it a clock is right. */
export const MAX_OFFSET_S = 2
export const isClockWrong = (offsetS: number | null): boolean => offsetS !== null && Math.abs(offsetS) > MAX_OFFSET_S

/** Whether a camera may be turned: not without a device, nor once the device has said that it cannot be. */
export const canTurn = (device: Device | null): boolean =>
  device === null || (device.kind !== null && (device.checked_at === null || device.capabilities.ptz))

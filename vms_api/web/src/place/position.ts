import type { CameraLedger, LedgerValue } from '@/api/ledger'

/** Where something stands, in degrees of WGS-84. */
export interface Position {
  longitude: number
  latitude: number
}

/** The position that a ledger holds, if it holds one. */
export function positionOf({ values }: CameraLedger): Position | null {
  const { longitude, latitude } = values
  return typeof longitude === 'number' && typeof latitude === 'number' ? { longitude, latitude } : null
}

/** Six decimals are a tenth of a metre: more would be made up. */
export const rounded = ({ longitude, latitude }: Position): Position => ({ longitude: decimals(longitude), latitude: decimals(latitude) })

/** The whole ledger with another position: the server replaces it as a whole, and turns what is not WGS-84 into it. */
export const placedAt = ({ values }: CameraLedger, position: Position, system = 'wgs84'): Record<string, LedgerValue> => ({
  ...values,
  ...rounded(position),
  coordinate_system: system,
})

/** What was typed; null while it is not two numbers of degrees. Chinese keyboards may give digits of full width. */
export function typedPosition(longitude: string, latitude: string): Position | null {
  const typed = { longitude: degrees(longitude, 180), latitude: degrees(latitude, 90) }
  return typed.longitude === null || typed.latitude === null ? null : { longitude: typed.longitude, latitude: typed.latitude }
}

export const positionText = ({ longitude, latitude }: Position): string => `${longitude.toFixed(6)}, ${latitude.toFixed(6)}`

function degrees(text: string, most: number): number | null {
  const plain = text.normalize('NFKC').trim()
  return /^-?\d+(\.\d+)?$/.test(plain) && Math.abs(Number(plain)) <= most ? Number(plain) : null
}

const decimals = (degrees: number): number => Math.round(degrees * 1e6) / 1e6

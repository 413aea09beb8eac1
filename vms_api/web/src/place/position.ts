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

/** The whole ledger with another position: the server replaces it as a whole. */
export const placedAt = ({ values }: CameraLedger, position: Position): Record<string, LedgerValue> => ({
  ...values,
  ...rounded(position),
  coordinate_system: 'wgs84',
})

export const positionText = ({ longitude, latitude }: Position): string => `${longitude.toFixed(6)}, ${latitude.toFixed(6)}`

const decimals = (degrees: number): number => Math.round(degrees * 1e6) / 1e6

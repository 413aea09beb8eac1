import type { Adopted, DeviceLogin, Examined, FoundDevice, WantedCamera } from '@/api/discovery'

/** One device on its way from proposal to camera. `name` is what it will be called. */
export interface DeviceRow {
  address: string
  found: FoundDevice | null
  seen: Examined | null
  isLooking: boolean
  name: string
  isWanted: boolean
  adopted: Adopted | null
}

/** As many as the server looks at in one go, and few enough that the first results come soon. */
export const BATCH = 8
/** As many as one request may take in. */
export const ADOPT_BATCH = 64

export const rowOf = (address: string, found: FoundDevice | null): DeviceRow => ({
  address,
  found,
  seen: null,
  isLooking: false,
  name: '',
  isWanted: false,
  adopted: null,
})

export const isTakenIn = ({ adopted }: DeviceRow): boolean => adopted?.camera != null
export const canBeTakenIn = (row: DeviceRow): boolean => !isTakenIn(row) && row.seen?.streams[0]?.codec != null
export const willBeTakenIn = (row: DeviceRow): boolean => canBeTakenIn(row) && row.isWanted

/** The row after the look. What can be opened and is no camera yet is wanted, unless somebody says otherwise. */
export function looked(row: DeviceRow, seen: Examined): DeviceRow {
  const next = { ...row, seen, isLooking: false }
  return { ...next, isWanted: canBeTakenIn(next) && seen.known_as === null }
}

/** The rows with names that tell them apart: what the device calls itself, with its address where that is not enough. */
export function named(rows: readonly DeviceRow[], taken: Iterable<string>): DeviceRow[] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(ownName(row), (counts.get(ownName(row)) ?? 0) + 1)
  const used = new Set([...taken].map((name) => name.toLowerCase()))
  return rows.map((row) => {
    if (row.name !== '' || row.seen === null || row.seen.fault !== null) return row
    const own = ownName(row)
    const isEnough = counts.get(own) === 1 && !used.has(own.toLowerCase())
    const name = (isEnough ? own : `${own} ${hostOf(row.address)}`).slice(0, MAX_NAME)
    used.add(name.toLowerCase())
    return { ...row, name }
  })
}

/** What is sent for a row that is wanted: the main stream, a smaller one if there is one, and the device behind. */
export function wanted({ seen, name }: DeviceRow, { unverified_tls }: DeviceLogin): WantedCamera | null {
  const [main, sub] = seen?.streams ?? []
  if (seen === null || main === undefined) return null
  const device = { address: seen.address, profile_token: main.profile_token, login: seen.login ?? ('auto' as const), unverified_tls }
  return { name: name.trim(), address: main.address, sub_address: sub?.codec ? sub.address : null, device }
}

/** The host of an address as it is shown: "192.168.1.64". */
export function hostOf(address: string): string {
  return /^(?:[a-z]+:\/\/)?(\[[^\]]+\]|[^:/]+)/i.exec(address)?.[1] ?? address
}

/** Networks as they are typed, one after another, parted by whatever people part them with. */
export const networksOf = (text: string): string[] => text.split(/[\s,;，；、]+/).filter(Boolean)

export const batches = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))

const MAX_NAME = 80

function ownName({ found, seen, address }: DeviceRow): string {
  const told = found?.name || found?.location
  return (told || [seen?.manufacturer, seen?.model].filter(Boolean).join(' ') || hostOf(address)).slice(0, MAX_NAME - 20)
}

import { asRtc, readIceServers } from '@/api/network'

const RENEW_AT = 0.8
const AGAIN_MS = 30_000

let known: RTCIceServer[] = []
let timer = 0

/** What a connection that is made now may use; nothing before it is known, and where page and node share a network. */
export const iceServers = (): RTCIceServer[] => known

/** Keeps the servers and their logins fresh for as long as somebody is logged in. */
export async function followIceServers(): Promise<void> {
  clearTimeout(timer)
  const servers = await readIceServers().catch(() => null)
  if (servers !== null) known = asRtc(servers)
  const waitMs = servers === null ? AGAIN_MS : servers.lasts_s * 1000 * RENEW_AT
  if (servers === null || known.length > 0) timer = window.setTimeout(() => void followIceServers(), waitMs)
}

export function forgetIceServers(): void {
  clearTimeout(timer)
  known = []
}

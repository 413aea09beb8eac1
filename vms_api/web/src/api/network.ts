import { call } from '@/api/client'

/** STUN and TURN servers of the site, with logins that end after `lasts_s` seconds. */
export interface IceServers {
  items: { urls: string; username: string | null; credential: string | null }[]
  lasts_s: number
}

export const readIceServers = () => call<IceServers>('GET', '/network/ice-servers')

/** The node's answer to an offer of a data channel: a connection without a camera. */
export const testNetwork = (sdp: string) => call<{ sdp: string }>('POST', '/network/self-test', { sdp })

export const asRtc = (servers: IceServers): RTCIceServer[] =>
  servers.items.map(({ urls, username, credential }) => ({ urls, ...(username === null ? {} : { username, credential: credential ?? '' }) }))

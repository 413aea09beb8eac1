import { asRtc, readIceServers, testNetwork } from '@/api/network'
import { addressesIn, findingOfErrors, onlyAddress, type Finding, type Way } from '@/network/findings'

const GATHER_MS = 5_000
const CONNECT_MS = 8_000
const MOST_ADDRESSES = 8

type Found = Pick<Way, 'finding' | 'ms'>

/** Tries every address of the node and every server by a connection of its own, one after the other. */
export async function checkNetwork(onWays: (ways: Way[]) => void): Promise<void> {
  const servers = asRtc(await readIceServers())
  const addresses = addressesIn(await nodeAnswer()).slice(0, MOST_ADDRESSES)
  const ways: Way[] = [
    ...addresses.map(({ address }) => ({ kind: 'address' as const, name: address, finding: null, ms: null })),
    ...servers.map(({ urls }) => ({ kind: String(urls).startsWith('turn') ? ('turn' as const) : ('stun' as const), name: String(urls), finding: null, ms: null })),
  ]
  onWays(ways)
  for (const [place, way] of ways.entries()) {
    const server = servers[place - addresses.length]
    Object.assign(way, server === undefined ? await tryAddress(way.name) : await tryServer(server, way.kind === 'turn'))
    onWays([...ways])
  }
}

async function nodeAnswer(): Promise<string> {
  return withPeer({ iceServers: [] }, async (peer) => (await testNetwork(await offerOf(peer, []))).sdp)
}

function tryAddress(address: string): Promise<Found> {
  return withPeer({ iceServers: [] }, async (peer) => {
    const { sdp } = await testNetwork(await offerOf(peer, []))
    const ms = await opened(peer, onlyAddress(sdp, address))
    return { finding: ms === null ? 'no-answer' : 'works', ms }
  })
}

function tryServer(server: RTCIceServer, isRelay: boolean): Promise<Found> {
  return withPeer({ iceServers: [server], iceTransportPolicy: isRelay ? 'relay' : 'all' }, async (peer) => {
    const errors: number[] = []
    const offer = await offerOf(peer, errors)
    if (!offer.includes(isRelay ? ' typ relay' : ' typ srflx')) return { finding: findingOfGathering(errors, isRelay), ms: null }
    if (!isRelay) return { finding: 'server-answers', ms: null }
    const ms = await opened(peer, (await testNetwork(offer)).sdp)
    return { finding: ms === null ? 'relay-cut-off' : 'works', ms }
  })
}

// Without a NAT in between a STUN server tells the address that is known already, and browsers leave it out.
function findingOfGathering(errors: readonly number[], isRelay: boolean): Finding {
  return !isRelay && errors.length === 0 ? 'server-answers' : findingOfErrors(errors)
}

async function withPeer<T>(configuration: RTCConfiguration, use: (peer: RTCPeerConnection) => Promise<T>): Promise<T> {
  const peer = new RTCPeerConnection(configuration)
  try {
    peer.createDataChannel('check')
    return await use(peer)
  } finally {
    peer.close()
  }
}

async function offerOf(peer: RTCPeerConnection, errors: number[]): Promise<string> {
  peer.onicecandidateerror = ({ errorCode }) => errors.push(errorCode)
  await peer.setLocalDescription(await peer.createOffer())
  await within(GATHER_MS, (resolve) => {
    if (peer.iceGatheringState === 'complete') resolve()
    peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve()
  })
  return peer.localDescription?.sdp ?? ''
}

async function opened(peer: RTCPeerConnection, answer: string): Promise<number | null> {
  const began = performance.now()
  await peer.setRemoteDescription({ type: 'answer', sdp: answer })
  const isOpen = await within(CONNECT_MS, (resolve) => {
    peer.onconnectionstatechange = () => peer.connectionState === 'connected' && resolve()
  })
  return isOpen ? performance.now() - began : null
}

function within(ms: number, wait: (resolve: () => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms)
    wait(() => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}

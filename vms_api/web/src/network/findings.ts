/** What a check of one way to the media node has found; each has a cause and a remedy in words. */
export type Finding = 'works' | 'no-answer' | 'server-unreachable' | 'login-refused' | 'no-relay' | 'relay-cut-off' | 'server-answers'

export type Fault = Exclude<Finding, 'works' | 'server-answers'>

export const isFault = (finding: Finding | null): finding is Fault => finding !== null && finding !== 'works' && finding !== 'server-answers'

/** One way: an address of the node, or a server that helps. */
export interface Way {
  kind: 'address' | 'stun' | 'turn'
  name: string
  finding: Finding | null
  /** From the start of the check to the open connection. */
  ms: number | null
}

export type Verdict = 'running' | 'no-webrtc' | 'no-address' | 'all-work' | 'some-work' | 'only-relay' | 'none-work'

const CANDIDATE = /^a=candidate:\S+ \d+ udp \d+ (\S+) (\d+) typ host/i

/** The addresses that an SDP answer offers, each once, with the ports of the first. */
export function addressesIn(sdp: string): { address: string; port: number }[] {
  const found = sdp.split('\r\n').flatMap((line) => {
    const [, address, port] = CANDIDATE.exec(line) ?? []
    return address === undefined ? [] : [{ address, port: Number(port) }]
  })
  return found.filter(({ address }, place) => found.findIndex((other) => other.address === address) === place)
}

/** The same description with no other address in it. */
export function onlyAddress(sdp: string, address: string): string {
  const stays = (line: string) => !line.startsWith('a=candidate:') || CANDIDATE.exec(line)?.[1] === address
  return sdp.split('\r\n').filter(stays).join('\r\n')
}

/** What the codes of `icecandidateerror` mean for a server that gave nothing (RFC 8489, 14.8; 701: not reached). */
export function findingOfErrors(codes: readonly number[]): Finding {
  if (codes.some((code) => code === 401 || code === 403)) return 'login-refused'
  return codes.includes(701) || codes.length === 0 ? 'server-unreachable' : 'no-relay'
}

export function verdictOf(ways: readonly Way[]): Verdict {
  if (ways.some((way) => way.finding === null)) return 'running'
  const addresses = ways.filter((way) => way.kind === 'address')
  if (addresses.length === 0) return 'no-address'
  if (!ways.some((way) => isFault(way.finding))) return 'all-work'
  if (addresses.some((way) => way.finding === 'works')) return 'some-work'
  return ways.some((way) => way.kind === 'turn' && way.finding === 'works') ? 'only-relay' : 'none-work'
}

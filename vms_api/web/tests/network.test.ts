import { describe, expect, it } from 'vitest'
import { addressesIn, findingOfErrors, onlyAddress, verdictOf, type Finding, type Way } from '@/network/findings'

const SDP = [
  'v=0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=candidate:1 1 udp 2130706431 192.0.2.5 50000 typ host',
  'a=candidate:2 1 udp 2130706431 2001:db8::5 50001 typ host',
  'a=candidate:3 1 udp 2130706431 192.0.2.5 50002 typ host',
  'a=candidate:4 1 tcp 1518280447 192.0.2.6 9 typ host tcptype active',
  'a=end-of-candidates',
  '',
].join('\r\n')

const way = (kind: Way['kind'], finding: Finding | null): Way => ({ kind, name: kind, finding, ms: null })

describe('the ways to the media node', () => {
  it('are the UDP addresses of the answer, each once', () => {
    expect(addressesIn(SDP)).toEqual([
      { address: '192.0.2.5', port: 50000 },
      { address: '2001:db8::5', port: 50001 },
    ])
  })

  it('are tried one at a time', () => {
    const one = onlyAddress(SDP, '2001:db8::5')
    expect(addressesIn(one).map(({ address }) => address)).toEqual(['2001:db8::5'])
    expect(one).toContain('a=end-of-candidates')
    expect(one).not.toContain('tcptype')
  })

  it.each([
    [[401], 'login-refused'],
    [[701, 401], 'login-refused'],
    [[701], 'server-unreachable'],
    [[], 'server-unreachable'],
    [[486], 'no-relay'],
  ] as const)('errors %j of a server mean %s', (codes, finding) => {
    expect(findingOfErrors(codes)).toBe(finding)
  })

  it.each([
    [[], 'no-address'],
    [[way('address', null)], 'running'],
    [[way('address', 'works'), way('stun', 'server-answers')], 'all-work'],
    [[way('address', 'works'), way('address', 'no-answer')], 'some-work'],
    [[way('address', 'no-answer'), way('turn', 'works')], 'only-relay'],
    [[way('address', 'no-answer'), way('turn', 'relay-cut-off')], 'none-work'],
  ] as const)('%j make %s', (ways, verdict) => {
    expect(verdictOf(ways)).toBe(verdict)
  })
})

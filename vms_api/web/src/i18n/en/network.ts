import type zh from '@/i18n/zh-CN/network'

const en: typeof zh = {
  network: {
    title: 'Network check for live view',
    purpose: 'Tries every way from this computer to the media node. Run it in the network where people will watch.',
    again: 'Check again',
    way: 'Way',
    result: 'Result',
    remedy: 'Cause and remedy',
    checking: 'checking …',
    took: '{ms} ms',
    kind: { address: 'address of the media node', stun: 'STUN server', turn: 'TURN relay' },
    verdict: {
      running: 'Checking …',
      'no-webrtc': 'This browser has no WebRTC: live pictures can only come the slower way. Please use a current browser.',
      'no-address': 'The media node offers no address. See host_addresses and udp_ports under [live] in the site file: the addresses must be those of that machine, and ports must be free.',
      'all-work': 'Every way works: live pictures come directly.',
      'some-work': 'At least one direct way works, so live pictures arrive; for the others see below.',
      'only-relay': 'Live pictures arrive only through the TURN relay. That works, but the relay carries all of them.',
      'none-work': 'No way works. Live pictures will come through the port of this page (MSE), with more delay. Please do as said below.',
    },
    finding: {
      works: 'works',
      'no-answer': 'no answer',
      'server-unreachable': 'the server cannot be reached',
      'login-refused': 'the server refused the login',
      'no-relay': 'the server gave no relay address',
      'relay-cut-off': 'the relay does not reach the media node',
      'server-answers': 'works',
    },
    cure: {
      'no-answer': 'Mostly a firewall that stops UDP, or an address that is not reachable from here. Allow UDP to the ports of the media node (udp_ports under [live] in the site file); if the address is wrong, set host_addresses, and behind a router that passes ports on, nat_addresses.',
      'server-unreachable': 'Check address and port under ice_servers, and allow UDP and TCP to that server.',
      'login-refused': 'The secret under ice_servers must be the static-auth-secret of the TURN server, and the clocks of both machines must agree.',
      'no-relay': 'It logged in and got no address. Check the TURN server’s range of relay ports and its quotas.',
      'relay-cut-off': 'Allow UDP from the TURN server to the media node, and see whether it refuses to relay into inner networks (denied-peer-ip).',
    },
  },
}

export default en

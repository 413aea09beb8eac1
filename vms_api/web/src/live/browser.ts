import type { Browser } from '@/live/session'

/** The browser that the page runs in. No ICE servers: page and node share a network, and nothing leaves it. */
export const thisBrowser: Browser = {
  createPeer: () => new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' }),
  fetch: (address, init) => fetch(address, init),
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  isHidden: () => document.visibilityState === 'hidden',
}

import { mediaType } from '@/live/mediaFeed'
import type { Browser, Socket, SocketEars } from '@/live/session'
import { iceServers } from '@/network/iceServers'

/** The browser that the page runs in. It asks no server for its way but those that the site names. */
export const thisBrowser: Browser = {
  createPeer: () => new RTCPeerConnection({ iceServers: iceServers(), bundlePolicy: 'max-bundle' }),
  fetch: (address, init) => fetch(address, init),
  openSocket,
  plays: (codec) => typeof MediaSource === 'function' && MediaSource.isTypeSupported(mediaType(codec)),
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  isHidden: () => document.visibilityState === 'hidden',
}

function openSocket(path: string, ears: SocketEars): Socket {
  const socket = new WebSocket(new URL(path, location.href.replace(/^http/, 'ws')))
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => (typeof data === 'string' ? ears.onText(data) : ears.onPiece(data))
  socket.onclose = () => ears.onClose()
  return {
    send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
    close: () => {
      socket.onmessage = socket.onclose = null
      socket.close()
    },
  }
}

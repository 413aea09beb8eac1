import type zh from '@/i18n/zh-CN/live'

const en: typeof zh = {
  rung: {
    webrtc: 'Direct · WebRTC',
    passed: 'Direct · MSE',
    masked: 'Masked · MSE',
    sub: 'Sub-stream · MSE',
    encoded: 'Converted · MSE',
  },
  rungHint: {
    webrtc: 'As the camera sends it, by WebRTC, with the least delay',
    passed: 'As the camera sends it, over a WebSocket (MSE)',
    masked: 'Masked and encoded once for all who watch',
    sub: 'The camera’s sub-stream in place of this one',
    encoded: 'Converted to H.264 by the server, once for all who watch',
  },
  rungWhy: {
    masks: 'The camera has privacy masks',
    hevc: 'This browser cannot play the camera’s H.265',
    mjpeg: 'Browsers cannot play Motion JPEG live',
    'no-packets': 'Nothing arrived by WebRTC (UDP may be blocked)',
    'stream-has-b-frames': 'The stream has B-frames, which WebRTC cannot carry',
    'codec-not-viewable': 'WebRTC cannot carry this codec',
    'offer-unusable': 'This browser has no H.264 in WebRTC',
  },
  listen: {
    on: 'Hear the camera (this is recorded in the audit)',
    off: 'Stop hearing the camera',
    notCarried: 'The picture comes over a WebSocket now, which carries no sound',
  },
  strain: {
    mark: 'Saving',
    why: 'The network loses or delays too much: the sub-stream is shown until it is better',
  },
}

export default en

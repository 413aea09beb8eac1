export default {
  rung: {
    webrtc: '直传 · WebRTC',
    passed: '直传 · MSE',
    masked: '遮挡转码 · MSE',
    sub: '子码流 · MSE',
    encoded: '共享转码 · MSE',
  },
  rungHint: {
    webrtc: 'WebRTC 直传，延迟最低',
    passed: '经 WebSocket 直传（MSE），不转码',
    masked: '遮挡后的画面，由全体观看者共用一路转码',
    sub: '改看摄像机的子码流',
    encoded: '由服务器转为 H.264，全体观看者共用一路转码',
  },
  rungWhy: {
    masks: '该摄像机设有隐私遮挡',
    hevc: '此浏览器不能播放该摄像机的 H.265',
    mjpeg: '浏览器不能直接播放 Motion JPEG',
    'no-packets': 'WebRTC 的数据未能到达（UDP 可能被阻断）',
    'stream-has-b-frames': '码流含 B 帧，WebRTC 不支持',
    'codec-not-viewable': 'WebRTC 不支持该编码',
    'offer-unusable': '此浏览器的 WebRTC 不支持 H.264',
  },
  listen: {
    on: '收听现场声音（会记入审计）',
    off: '停止收听',
    notCarried: '当前画面经 WebSocket 传送，不带声音',
  },
  strain: {
    mark: '省流',
    why: '网络丢包或延迟较大，暂看子码流；好转后自动恢复主码流',
  },
}

// The build without subtitles, alternative sound and DRM has the same shape; its package names no types for it.
declare module 'hls.js/light' {
  export { default } from 'hls.js'
}

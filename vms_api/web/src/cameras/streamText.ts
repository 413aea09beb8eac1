import type { StreamHealth } from '@/api/camera'

type Figures = (value: number, options: Intl.NumberFormatOptions) => string

/** "H264 1920×1080 25 fps 4.1 Mbit/s", as far as it is known. */
export function streamText({ codec, width, height, frame_rate, bitrate_bps, has_b_frames }: StreamHealth, n: Figures, bFrames: string): string {
  const parts = [
    codec?.toUpperCase(),
    width !== null && height !== null ? `${width}×${height}` : null,
    frame_rate ? `${n(frame_rate, { maximumFractionDigits: 1 })} fps` : null,
    bitrate_bps ? `${n(bitrate_bps / 1e6, { maximumFractionDigits: 1 })} Mbit/s` : null,
    has_b_frames ? bFrames : null,
  ]
  return parts.filter(Boolean).join(' · ')
}

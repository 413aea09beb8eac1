import { onBeforeUnmount, onMounted, reactive, shallowRef, watch, type Ref } from 'vue'
import { liveAddresses, type StreamRole } from '@/api/camera'
import type { ApiError } from '@/api/problem'
import { thisBrowser } from '@/live/browser'
import type { PlayerState } from '@/live/lifecycle'
import { LivePlayer } from '@/live/player'
import type { Rung } from '@/live/race'
import { VideoSurface } from '@/live/surface'
import { TrackBuffer } from '@/live/tracks'
import { statedCount } from '@/purpose/asking'

const HIDDEN_PAUSE_MS = 60_000
const COVERED_PAUSE_MS = 5_000

/** What a tile knows of its player. Times are monotonic milliseconds. */
export interface PlayerView {
  state: PlayerState
  failure: ApiError | null
  retryAt: number | null
  firstPictureMs: number | null
  /** How the picture comes; null while there is none. */
  rung: Rung | null
}

export interface LivePicture {
  view: PlayerView
  /** Asked, not watched: it changes with every frame, and a tile needs it once a second. */
  lastFrameAt(): number | null
}

export interface LivePictureOptions {
  video: Readonly<Ref<HTMLVideoElement | null>>
  cameraId: () => string
  /** The streams of the camera, best first. */
  roles: () => readonly StreamRole[]
  /** Whether the picture is wanted without its masks, for which the person holds an approval. */
  isUnmasked: () => boolean
  /** Whether the camera is to be heard as well. */
  isHeard: () => boolean
  /** Whether the picture is covered, so that nobody can see it. */
  isCovered: () => boolean
  /** Whether the camera itself is live: when it becomes so, waiting is pointless. */
  cameraIsLive: () => boolean
  /** The picture is about to be replaced or has stopped. */
  onFreeze(): void
  onFrame(rtp: number | null, tracks: TrackBuffer): void
  /** The line has become too thin for the stream it carries, or good again. */
  onStrain(isStrained: boolean): void
}

/** A player that lives as long as its component: it follows the camera shown, pauses in a tab hidden for a minute and
 * comes back at once when the tab or the camera does. */
export function useLivePicture(options: LivePictureOptions): LivePicture {
  const view = reactive<PlayerView>({ state: 'idle', failure: null, retryAt: null, firstPictureMs: null, rung: null })
  const tracks = new TrackBuffer()
  const player = shallowRef<LivePlayer | null>(null)

  const read = () => {
    const { state, failure, retryAt, firstPictureMs, rung } = player.value ?? {}
    if (state === undefined) return
    if (state !== 'playing' && view.state === 'playing') options.onFreeze()
    Object.assign(view, { state, failure: failure ?? null, retryAt, firstPictureMs, rung })
  }
  const play = () => {
    tracks.clear()
    player.value?.play(options.roles().map((role) => liveAddresses(options.cameraId(), role, options.isUnmasked(), options.isHeard())))
  }

  onMounted(() => {
    if (options.video.value === null) return
    player.value = new LivePlayer(thisBrowser, new VideoSurface(options.video.value), {
      onChange: read,
      onFrame: (rtp) => options.onFrame(rtp, tracks),
      onTracks: (text) => tracks.push(text, performance.now()),
      onStrain: options.onStrain,
    })
    play()
  })
  watch(() => [options.cameraId(), options.isUnmasked(), options.isHeard(), ...options.roles()].join(), play)
  watch(statedCount, () => view.failure?.code === 'purpose-required' && player.value?.wake())
  watch(options.cameraIsLive, (isLive) => isLive && player.value?.wake())
  followVisibility(player, options.video, options.isCovered)
  onBeforeUnmount(() => player.value?.close())
  return { view, lastFrameAt: () => player.value?.lastFrameAt ?? null }
}

/** A picture that nobody can see is let go after a while and comes back at once: in a hidden tab, scrolled away, covered. */
function followVisibility(
  player: Readonly<Ref<LivePlayer | null>>,
  video: Readonly<Ref<HTMLVideoElement | null>>,
  isCovered: () => boolean,
): void {
  let timer = 0
  let isOnScreen = true
  const follow = () => {
    clearTimeout(timer)
    const isTabHidden = document.visibilityState === 'hidden'
    if (!isTabHidden && isOnScreen && !isCovered()) player.value?.wake()
    else timer = window.setTimeout(() => player.value?.pause(), isTabHidden ? HIDDEN_PAUSE_MS : COVERED_PAUSE_MS)
  }
  const onScreen = new IntersectionObserver(([entry]) => {
    isOnScreen = entry?.isIntersecting ?? true
    follow()
  })
  onMounted(() => {
    document.addEventListener('visibilitychange', follow)
    if (video.value !== null) onScreen.observe(video.value)
  })
  watch(isCovered, follow)
  onBeforeUnmount(() => {
    clearTimeout(timer)
    onScreen.disconnect()
    document.removeEventListener('visibilitychange', follow)
  })
}

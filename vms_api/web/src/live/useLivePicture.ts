import { onBeforeUnmount, onMounted, reactive, shallowRef, watch, type Ref } from 'vue'
import { whepAddress, type StreamRole } from '@/api/camera'
import type { ApiError } from '@/api/problem'
import { thisBrowser } from '@/live/browser'
import type { PlayerState } from '@/live/lifecycle'
import { VideoSurface } from '@/live/surface'
import { TrackBuffer } from '@/live/tracks'
import { WhepPlayer } from '@/live/whep'
import { statedCount } from '@/purpose/asking'

const HIDDEN_PAUSE_MS = 60_000

/** What a tile knows of its player. Times are monotonic milliseconds. */
export interface PlayerView {
  state: PlayerState
  failure: ApiError | null
  retryAt: number | null
  firstPictureMs: number | null
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
  /** Whether the camera itself is live: when it becomes so, waiting is pointless. */
  cameraIsLive: () => boolean
  /** The picture is about to be replaced or has stopped. */
  onFreeze(): void
  onFrame(rtp: number | null, tracks: TrackBuffer): void
}

/** A player that lives as long as its component: it follows the camera shown, pauses in a tab hidden for a minute and
 * comes back at once when the tab or the camera does. */
export function useLivePicture(options: LivePictureOptions): LivePicture {
  const view = reactive<PlayerView>({ state: 'idle', failure: null, retryAt: null, firstPictureMs: null })
  const tracks = new TrackBuffer()
  const player = shallowRef<WhepPlayer | null>(null)

  const read = () => {
    const { state, failure, retryAt, firstPictureMs } = player.value ?? {}
    if (state === undefined) return
    if (state !== 'playing' && view.state === 'playing') options.onFreeze()
    Object.assign(view, { state, failure: failure ?? null, retryAt, firstPictureMs })
  }
  const play = () => {
    tracks.clear()
    player.value?.play(options.roles().map((role) => whepAddress(options.cameraId(), role, options.isUnmasked())))
  }

  onMounted(() => {
    if (options.video.value === null) return
    player.value = new WhepPlayer(thisBrowser, new VideoSurface(options.video.value), {
      onChange: read,
      onFrame: (rtp) => options.onFrame(rtp, tracks),
      onTracks: (text) => tracks.push(text, performance.now()),
    })
    play()
  })
  watch(() => [options.cameraId(), options.isUnmasked(), ...options.roles()].join(), play)
  watch(statedCount, () => view.failure?.code === 'purpose-required' && player.value?.wake())
  watch(options.cameraIsLive, (isLive) => isLive && player.value?.wake())
  followVisibility(player)
  onBeforeUnmount(() => player.value?.close())
  return { view, lastFrameAt: () => player.value?.lastFrameAt ?? null }
}

function followVisibility(player: Readonly<Ref<WhepPlayer | null>>): void {
  let timer = 0
  const follow = () => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') player.value?.wake()
    else timer = window.setTimeout(() => player.value?.pause(), HIDDEN_PAUSE_MS)
  }
  onMounted(() => document.addEventListener('visibilitychange', follow))
  onBeforeUnmount(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', follow)
  })
}

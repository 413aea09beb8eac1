import type { Camera, CameraHealth, CameraState, StreamHealth, StreamRole } from '@/api/camera'
import { NEEDS_PERSON, type PlayerState } from '@/live/lifecycle'

/** A picture older than this looks old. */
export const STALE_AFTER_S = 3

/** What a tile says of its picture: a camera's state, or what is between a healthy camera and the picture. */
export type PictureWord = CameraState | 'connecting' | 'stalled' | 'noView' | 'locked' | 'paused' | 'frozen' | 'quarantined'

export interface PictureReason {
  family: 'fault' | 'problem'
  code: string
}

export interface PictureStatus {
  word: PictureWord
  reason: PictureReason | null
  /** Seconds to the next try, 0 when it is due, null when none is planned. */
  retryInS: number | null
  /** Age of the picture shown when it no longer moves on; null for a live picture and for none. */
  staleS: number | null
}

/** What the status is made of. `tick`, `retryAt` and `lastFrameAt` are monotonic milliseconds, `now` is Unix ms. */
export interface PictureFacts {
  health: CameraHealth | undefined
  role: StreamRole
  player: PlayerState
  failureCode: string | null
  retryAt: number | null
  lastFrameAt: number | null
  tick: number
  now: number
}

const LIVE: PictureStatus = { word: 'live', reason: null, retryInS: null, staleS: null }

/** The one honest word for a tile. Frames on the screen beat every report; a camera's trouble beats the player's. */
export function pictureStatus(facts: PictureFacts): PictureStatus {
  const stream = streamOf(facts.health, facts.role)
  const state = stream?.state ?? facts.health?.state ?? 'unknown'
  const staleS = staleAge(facts)
  if (facts.player === 'playing' && (state === 'live' || state === 'unknown')) {
    return LIVE
  }
  if (stream?.fault?.code === 'masks-unavailable') {
    return { word: 'noView', reason: { family: 'fault', code: stream.fault.code }, retryInS: null, staleS }
  }
  if (state !== 'live') return { word: setApart(state, stream), ...cameraTrouble(stream, state, facts.now), staleS }
  return { word: playerWord(facts), ...playerTrouble(facts), staleS }
}

/** The one word for a camera where no picture of it is shown: its state, or what its state alone would hide. */
export function healthWord(health: CameraHealth): PictureWord {
  return health.state === 'live' && health.frozen ? 'frozen' : setApart(health.state, health.streams[0])
}

/** The word of a tile whose picture is live: one that does not change is not called so. */
export const tileWord = (word: PictureWord, health: CameraHealth): PictureWord => (word === 'live' && health.frozen ? 'frozen' : word)

/** A stream that broke its reader again and again is refused by us, not by the camera. */
const setApart = (state: CameraState, stream: StreamHealth | undefined): PictureWord =>
  state === 'refused' && stream?.fault?.code === 'quarantined' ? 'quarantined' : state

/** Which streams to ask for, best first: the wanted one, unless it is down while the other is not. */
export function streamOrder(camera: Camera, wanted: StreamRole): StreamRole[] {
  if (!camera.has_sub_stream) return ['main']
  const other: StreamRole = wanted === 'main' ? 'sub' : 'main'
  const isDown = (role: StreamRole) =>
    ['waiting', 'refused'].includes(camera.health.streams.find((stream) => stream.role === role)?.state ?? '')
  return isDown(wanted) && !isDown(other) ? [other, wanted] : [wanted, other]
}

export function streamOf(health: CameraHealth | undefined, role: StreamRole): StreamHealth | undefined {
  return health?.streams.find((stream) => stream.role === role) ?? health?.streams[0]
}

function staleAge({ lastFrameAt, tick }: PictureFacts): number | null {
  const ageS = lastFrameAt === null ? 0 : (tick - lastFrameAt) / 1000
  return ageS >= STALE_AFTER_S ? ageS : null
}

type Trouble = Pick<PictureStatus, 'reason' | 'retryInS'>

function cameraTrouble(stream: StreamHealth | undefined, state: CameraState, now: number): Trouble {
  const isDown = state === 'waiting' || state === 'refused' || state === 'opening'
  const reason: PictureReason | null =
    stream?.fault && isDown ? { family: 'fault', code: stream.fault.code } : null
  const due = isDown && state !== 'opening' ? (stream?.retry_at ?? null) : null
  return { reason, retryInS: due === null ? null : Math.max(0, (Date.parse(due) - now) / 1000) }
}

function playerWord({ player, failureCode }: PictureFacts): PictureWord {
  if (player === 'failed') return NEEDS_PERSON.has(failureCode ?? '') ? 'locked' : 'noView'
  if (player === 'stalled') return 'stalled'
  if (player === 'idle' || player === 'closed') return 'paused'
  return player === 'waiting' ? 'waiting' : 'connecting'
}

function playerTrouble({ failureCode, retryAt, tick }: PictureFacts): Trouble {
  return {
    reason: failureCode === null ? null : { family: 'problem', code: failureCode },
    retryInS: retryAt === null ? null : Math.max(0, (retryAt - tick) / 1000),
  }
}

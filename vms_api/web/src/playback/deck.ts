import { onBeforeUnmount, onMounted, readonly, ref, shallowRef, type Ref } from 'vue'
import { readTimeline } from '@/api/recording'
import { atSpeed, movedTo, momentOf, paused, running, stoppedAt } from '@/playback/clock'
import { onward } from '@/playback/onward'
import { DAY } from '@/playback/scale'
import { lastBegin, nextBegin, nextRecorded, stretchesOf, type Stretch } from '@/playback/spans'
import { nowMs } from '@/state/clock'
import { tell } from '@/ui/tell'

/** Where all pictures are to be. */
export interface Moment {
  atMs: number
  speed: number
  isRunning: boolean
  nowMs: number
}

/** A picture that goes where the deck's clock is. */
export interface Follower {
  /** It needs time: the clock waits for it, so that all pictures stay together. */
  readonly isWaiting: boolean
  /** It has nothing to show at the moment. */
  readonly isEmpty: boolean
  /** It cannot be shown at all: a purpose or a right is missing, or the recording cannot be read. */
  readonly isBroken: boolean
  readonly frameS: number
  follow(moment: Moment): void
  /** Asks the server again what there is. */
  refresh(): void
}

/** What the deck did by itself and a person should know. */
export type DeckNote = { kind: 'jumped'; fromMs: number; toMs: number; reason: string | null } | { kind: 'ended' } | { kind: 'edge' }

export interface Deck {
  momentMs: Readonly<Ref<number>>
  isRunning: Readonly<Ref<boolean>>
  /** The clock waits for a picture. */
  isHeld: Readonly<Ref<boolean>>
  speed: Readonly<Ref<number>>
  note: Readonly<Ref<DeckNote | null>>
  join(follower: Follower): () => void
  seek(atMs: number): void
  skip(seconds: number): void
  play(): void
  turn(): void
  setSpeed(speed: number): void
  stepFrame(way: 1 | -1): void
  jump(way: 1 | -1): Promise<void>
}

const TICK_MS = 100
/** A picture that needs longer than this is left behind, so that one broken recording does not stop the others. */
const LONGEST_HELD_MS = 8000
const EDGE_RETRY_MS = 3000
const SEARCHED_MS = 31 * DAY
/** Every hole counts nearby; from afar, spans shorter than this may be drawn together. */
const NEAR_MS = DAY
const FAR_GRAIN_S = 10

/** The clock of all pictures on the page, which play the same moment. It waits for who needs time, jumps over what
 * nobody has recorded and says so. */
export function usePlaybackDeck(cameraIds: () => readonly string[], startMs: number): Deck {
  const clock = shallowRef(stoppedAt(startMs))
  const momentMs = ref(startMs)
  const isHeld = ref(false)
  const note = ref<DeckNote | null>(null)
  const isRunning = ref(true)
  const followers = new Set<Follower>()
  let heldSince: number | null = null
  let isSearching = false
  let refreshedMs = 0
  clock.value = running(clock.value, performance.now())

  function tick(): void {
    const now = performance.now()
    const all = [...followers]
    const isWaited = all.some((one) => one.isWaiting)
    heldSince = isWaited ? (heldSince ?? now) : null
    const isStuck = all.length > 0 && all.every((one) => one.isBroken)
    isHeld.value = isRunning.value && !isStuck && heldSince !== null && now - heldSince < LONGEST_HELD_MS
    const mayRun = isRunning.value && !isStuck && !isHeld.value && !isSearching
    if (mayRun !== clock.value.isRunning) clock.value = mayRun ? running(clock.value, now) : paused(clock.value, now)
    momentMs.value = Math.min(momentOf(clock.value, now), Date.now())
    const { speed } = clock.value
    all.forEach((one) => one.follow({ atMs: momentMs.value, speed, isRunning: mayRun, nowMs: nowMs.value }))
    if (mayRun && all.some((one) => one.isEmpty) && all.every((one) => one.isEmpty || one.isBroken)) void goOn()
  }

  /** Nobody has recorded the moment: goes to where somebody has. */
  async function goOn(): Promise<void> {
    isSearching = true
    const fromMs = momentMs.value
    clock.value = { ...clock.value, anchorMs: fromMs, isRunning: false }
    const rows = await search(fromMs, 1, (found) => nextRecorded(found, fromMs) !== null).catch(tell)
    if (rows !== undefined && momentMs.value === fromMs) await goFrom(fromMs, rows)
    else if (rows === undefined) stop()
    isSearching = false
  }

  async function goFrom(fromMs: number, rows: Stretch[][]): Promise<void> {
    const next = onward(rows, fromMs, Date.now(), refreshedMs === fromMs)
    if (next.kind === 'refresh') {
      refreshedMs = fromMs
      note.value = null
      followers.forEach((one) => one.refresh())
    } else if (next.kind === 'jump') {
      note.value = { kind: 'jumped', fromMs, toMs: next.toMs, reason: next.reason }
      move(next.toMs)
    } else if (next.kind === 'wait') {
      note.value = { kind: 'edge' }
      await new Promise((resolve) => setTimeout(resolve, EDGE_RETRY_MS))
    } else {
      note.value = { kind: 'ended' }
      stop()
    }
  }

  async function jump(way: 1 | -1): Promise<void> {
    const atMs = momentMs.value
    const begin = way === 1 ? nextBegin : lastBegin
    const rows = await search(atMs, way, (found) => begin(found, atMs) !== null).catch(tell)
    const found = rows && begin(rows, atMs)
    if (found == null) note.value = { kind: 'ended' }
    else seek(found)
  }

  /** What was recorded after or before the moment: of a day, and of a month where that is not enough. */
  async function search(atMs: number, way: 1 | -1, isEnough: (rows: Stretch[][]) => boolean): Promise<Stretch[][]> {
    const near = await rowsOf(atMs, way * NEAR_MS, 0)
    return isEnough(near) ? near : rowsOf(atMs, way * SEARCHED_MS, FAR_GRAIN_S)
  }

  async function rowsOf(atMs: number, lengthMs: number, resolutionS: number): Promise<Stretch[][]> {
    const [fromMs, toMs] = [Math.min(atMs, atMs + lengthMs), Math.min(Math.max(atMs, atMs + lengthMs), Date.now())]
    if (fromMs >= toMs) return []
    return Promise.all(cameraIds().map(async (id) => stretchesOf((await readTimeline(id, fromMs, toMs, resolutionS)).spans)))
  }

  function move(atMs: number): void {
    clock.value = movedTo(clock.value, Math.min(atMs, Date.now()), performance.now())
    momentMs.value = clock.value.anchorMs
    heldSince = null
  }

  function seek(atMs: number): void {
    note.value = null
    move(atMs)
  }

  function stop(): void {
    isRunning.value = false
  }

  function play(): void {
    note.value = null
    isRunning.value = true
  }

  function stepFrame(way: 1 | -1): void {
    stop()
    const frameS = Math.min(...[...followers].map((one) => one.frameS), 0.2)
    clock.value = paused(clock.value, performance.now())
    seek(momentOf(clock.value, performance.now()) + way * frameS * 1000)
  }

  let timer = 0
  onMounted(() => (timer = window.setInterval(tick, TICK_MS)))
  onBeforeUnmount(() => clearInterval(timer))

  const speed = ref(1)
  return {
    momentMs: readonly(momentMs),
    isRunning: readonly(isRunning),
    isHeld: readonly(isHeld),
    speed: readonly(speed),
    note: readonly(note) as Readonly<Ref<DeckNote | null>>,
    join(follower) {
      followers.add(follower)
      return () => followers.delete(follower)
    },
    seek,
    skip: (seconds) => seek(momentMs.value + seconds * 1000),
    play,
    turn: () => (isRunning.value ? stop() : play()),
    setSpeed(next) {
      speed.value = next
      clock.value = atSpeed(clock.value, next, performance.now())
    },
    stepFrame,
    jump,
  }
}

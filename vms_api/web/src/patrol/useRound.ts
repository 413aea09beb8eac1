import { computed, onBeforeUnmount, onMounted, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { actOnRound, arriveAt, judgeStop, readRound, tellPresence, type Answer, type Round, type RoundAct, type RoundStop, type StopVerdict } from '@/api/patrolRound'
import { turnPtz } from '@/api/ptz'
import { ApiError } from '@/api/problem'
import { heldEpoch, holdEpoch } from '@/patrol/lease'
import { comingStops, isOpen, nextOpen, shownStops } from '@/patrol/walk'
import { mayIn } from '@/state/areas'
import { cameraById } from '@/state/cameras'
import { hearPatrol } from '@/state/feed'
import { me } from '@/state/me'
import { tell } from '@/ui/tell'

export interface Judgement {
  stopId: string
  verdict: StopVerdict
  answers: Answer[]
  note: string
}

export interface RoundDesk {
  round: ShallowRef<Round | null>
  refusal: ShallowRef<unknown>
  /** The server does not answer. The round stays in hand, and goes on as soon as it does. */
  isLost: Ref<boolean>
  /** A verdict that could not be sent yet. */
  unsent: ShallowRef<Judgement | null>
  isBusy: Ref<boolean>
  /** It walks, in this person's hands and on this screen. */
  isInHand: ComputedRef<boolean>
  /** The stop in hand. */
  stop: ComputedRef<RoundStop | null>
  /** The stops that are on the screen. */
  shown: ComputedRef<RoundStop[]>
  /** Those that come on the screen next. */
  coming: ComputedRef<RoundStop[]>
  /** Monotonic milliseconds at which the server counted last, by stop. */
  countedAt: Ref<Record<string, number>>
  load(): Promise<void>
  put(round: Round): void
  putStop(stop: RoundStop): void
  act(act: RoundAct): Promise<void>
  goTo(index: number): Promise<void>
  beat(isVisible: boolean, wasTouched: boolean): void
  judge(judgement: Judgement): Promise<void>
}

const isUnreachable = (error: unknown): boolean => error instanceof ApiError && (error.code === 'unreachable' || error.status >= 502)

/** A round in hand. Its state lives on the server: a reload, or another machine, goes on where it stands. */
export function useRound(id: () => string, isPlaying: (stop: RoundStop) => boolean): RoundDesk {
  const round = shallowRef<Round | null>(null)
  const refusal = shallowRef<unknown>(null)
  const isLost = ref(false)
  const isBusy = ref(false)
  const unsent = shallowRef<Judgement | null>(null)
  const countedAt = ref<Record<string, number>>({})
  const epoch = ref(heldEpoch(id()))
  /** Where this screen stands: of several pictures the server knows only which of them was come to last. */
  const at = ref<number | null>(null)
  let begun: Promise<void> = Promise.resolve()
  let queued = 0
  /** What was to be told while something else was on its way: a stop counts from when its picture is there. */
  let untold: { visible: boolean; input: boolean } | null = null

  const isInHand = computed(() => round.value?.state === 'running' && round.value.user_id === me.value?.id && round.value.lease_epoch === epoch.value)
  const stop = computed(() => round.value?.stops[round.value.current] ?? null)
  const shown = computed(() => (round.value === null ? [] : shownStops(round.value.stops, round.value.current, round.value.grid)))
  const coming = computed(() => (round.value === null || !isInHand.value ? [] : comingStops(round.value.stops, round.value.current, round.value.grid)))

  function put(next: Round): void {
    at.value ??= next.current
    round.value = { ...next, current: at.value }
  }

  function putStop(next: RoundStop): void {
    if (round.value === null) return
    round.value = { ...round.value, stops: round.value.stops.map((one) => (one.id === next.id ? next : one)) }
  }

  function stand(index: number): void {
    at.value = index
    if (round.value !== null) round.value = { ...round.value, current: index }
  }

  async function load(): Promise<void> {
    try {
      put(await readRound(id()))
      refusal.value = null
      isLost.value = false
      await arrive()
    } catch (error) {
      if (isUnreachable(error)) isLost.value = true
      else refusal.value = error
    }
  }

  /** What is on the screen has been come to; the one in hand last, as that is where the server says that one is. */
  async function arrive(): Promise<void> {
    if (!isInHand.value) return
    const closed = shown.value.filter((one) => one.verdict === null && !isOpen(one))
    for (const one of closed.toSorted((a, b) => Number(a.id === stop.value?.id) - Number(b.id === stop.value?.id))) {
      putStop(await arriveAt(id(), one.id, epoch.value ?? 0))
      const camera = cameraById(one.camera_id)
      if (one.preset !== null && mayIn('ptz.control', camera?.area_id)) void turnPtz(one.camera_id, one.preset).catch(tell)
    }
  }

  /** Does something with the round, after what was begun before it: no key is lost while the server answers. What
   * fails for the line alone is told as a lost line. */
  function during(work: () => Promise<void>): Promise<void> {
    queued += 1
    isBusy.value = true
    begun = begun.then(work).then(
      () => {
        isLost.value = false
      },
      async (error: unknown) => {
        if (isUnreachable(error)) isLost.value = true
        else {
          tell(error)
          await load()
        }
      },
    )
    return begun.finally(() => {
      queued -= 1
      isBusy.value = queued > 0
      if (untold !== null && !isLost.value) beat(untold.visible, untold.input)
    })
  }

  const act = (name: RoundAct) =>
    during(async () => {
      const next = await actOnRound(id(), name, epoch.value ?? 0)
      if (name === 'take' || name === 'resume') {
        epoch.value = next.lease_epoch
        holdEpoch(next.id, next.lease_epoch)
        at.value = next.stops[next.current]?.verdict == null ? next.current : (nextOpen(next.stops, next.current) ?? next.current)
      }
      put(next)
      await arrive()
    })

  const goTo = (index: number) =>
    during(async () => {
      if (round.value?.stops[index] === undefined) return
      stand(index)
      await arrive()
    })

  async function count(one: RoundStop, visible: boolean, input: boolean): Promise<void> {
    const counted = await tellPresence(id(), one.id, epoch.value ?? 0, { visible, input, playing: isPlaying(one) })
    isLost.value = false
    countedAt.value[one.id] = performance.now()
    const now = round.value?.stops[one.index]
    // A picture may have been kept, or a verdict given, while the count was on its way.
    if (now?.verdict === null) putStop({ ...counted, snapshot_id: counted.snapshot_id ?? now.snapshot_id })
  }

  function beat(visible: boolean, input: boolean): void {
    untold = isBusy.value ? { visible, input: input || untold?.input === true } : null
    if (untold !== null) return
    if (unsent.value !== null) void judge(unsent.value)
    else if (isLost.value) void load()
    else if (isInHand.value) {
      for (const one of shown.value.filter(isOpen)) count(one, visible, input).catch((error: unknown) => (isUnreachable(error) ? (isLost.value = true) : void load()))
    }
  }

  async function judge(judgement: Judgement): Promise<void> {
    await during(async () => {
      const { stopId, ...verdict } = judgement
      const judging = round.value?.stops.find((one) => one.id === stopId)
      if (judging === undefined || judging.verdict !== null) return // Pressed twice.
      unsent.value = judgement
      // What has passed since the last report is still to be counted; whoever judges is there.
      if (isOpen(judging) && judging.present_s < judging.dwell_s) await count(judging, true, true)
      const judged = await judgeStop(id(), stopId, epoch.value ?? 0, verdict).catch((error: unknown) => {
        if (!isUnreachable(error)) unsent.value = null
        throw error
      })
      unsent.value = null
      putStop(judged)
      stand(nextOpen(round.value?.stops ?? [], judged.index) ?? judged.index)
      await arrive()
    })
  }

  onMounted(load)
  // The round may have been taken over or be ended elsewhere.
  onBeforeUnmount(hearPatrol((changed) => (changed === null || changed === id()) && !isBusy.value && void load()))
  return { round, refusal, isLost, unsent, isBusy, isInHand, stop, shown, coming, countedAt, load, put, putStop, act, goTo, beat, judge }
}

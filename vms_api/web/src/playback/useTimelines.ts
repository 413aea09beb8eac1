import { onBeforeUnmount, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { readTimeline } from '@/api/recording'
import { lengthOf, msPerPixel, SECOND, type TimeScale } from '@/playback/scale'
import { marksOf, stretchesOf, type Mark, type Stretch } from '@/playback/spans'

/** What was recorded of one camera in the part of time that is in view. */
export interface TimelineRow {
  cameraId: string
  stretches: Stretch[]
  marks: Mark[]
  coverage: { recorded_s: number; planned_s: number } | null
  failure: unknown
}

const SETTLE_MS = 150
const REFRESH_MS = 10 * SECOND

/** One row for each camera, read again when the view moves and, with the present in view, every ten seconds. */
export function useTimelines(cameraIds: () => readonly string[], scale: Readonly<Ref<TimeScale>>): Readonly<ShallowRef<TimelineRow[]>> {
  const rows = shallowRef<TimelineRow[]>([])
  let settling = 0
  let turn = 0

  async function load(): Promise<void> {
    const mine = (turn += 1)
    const { fromMs, toMs } = scale.value
    const margin = lengthOf(scale.value) / 2
    const until = Math.min(toMs + margin, Date.now())
    const resolutionS = Math.max(1, Math.floor(msPerPixel(scale.value) / SECOND))
    const read = (id: string) => (fromMs - margin < until ? rowOf(id, fromMs - margin, until, resolutionS) : Promise.resolve(emptyRow(id)))
    const loaded = await Promise.all(cameraIds().map(read))
    if (mine === turn) rows.value = loaded
  }

  /** What was read before stays in view while a row cannot be read. */
  async function rowOf(cameraId: string, fromMs: number, toMs: number, resolutionS: number): Promise<TimelineRow> {
    try {
      const { spans, alerts, coverage } = await readTimeline(cameraId, fromMs, toMs, resolutionS)
      return { cameraId, stretches: stretchesOf(spans), marks: marksOf(alerts), coverage, failure: null }
    } catch (failure) {
      return { ...(rows.value.find((row) => row.cameraId === cameraId) ?? emptyRow(cameraId)), failure }
    }
  }

  const settle = () => {
    clearTimeout(settling)
    settling = window.setTimeout(load, SETTLE_MS)
  }
  watch([scale, () => cameraIds().join()], settle, { immediate: true })
  const timer = window.setInterval(() => scale.value.toMs + lengthOf(scale.value) / 2 > Date.now() && void load(), REFRESH_MS)
  onBeforeUnmount(() => {
    clearInterval(timer)
    clearTimeout(settling)
  })
  return rows
}

const emptyRow = (cameraId: string): TimelineRow => ({ cameraId, stretches: [], marks: [], coverage: null, failure: null })

import { onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'
import { doAct, listAlerts, readAlert, type Alert } from '@/api/alert'
import { ApiError } from '@/api/problem'
import { neighbour, withNews, withRaised, withUpdated, type QueueFilter } from '@/alerts/queue'
import { askedFor } from '@/alerts/stage'
import { hearAlerts } from '@/state/feed'
import { tell } from '@/ui/tell'

const PAGE = 50
const MOST = 500

/** A live list of alerts, newest first, with one selected. */
export interface AlertQueue {
  alerts: Readonly<Ref<Alert[]>>
  selectedId: Ref<string | null>
  isLoaded: Readonly<Ref<boolean>>
  hasMore: Readonly<Ref<boolean>>
  loadMore(): Promise<void>
  /** Selects the alert that many places further down. */
  move(step: number): void
  /** Acknowledges this alert, else the selected one, else the newest that is new. */
  acknowledge(alert?: Alert): Promise<void>
  /** Shows the alert as it is now. */
  put(alert: Alert): void
}

export function useAlertQueue(filter: () => QueueFilter): AlertQueue {
  const alerts = ref<Alert[]>([])
  const selectedId = ref<string | null>(null)
  const isLoaded = ref(false)
  const cursor = ref<string | null>(null)
  const hasMore = ref(false)
  const raised = new Map<string, Alert>()
  const changed = new Map<string, Alert>()
  let reading = 0

  async function load(after: string | null): Promise<void> {
    const turn = (reading += 1)
    raised.clear()
    changed.clear()
    const { stage, cameraId } = filter()
    const asked = { ...askedFor(stage), camera_id: cameraId ?? undefined, cursor: after ?? undefined, limit: PAGE }
    const page = await listAlerts(asked).catch(tell)
    if (page === undefined || turn !== reading) return
    const read = after === null ? page.items : [...alerts.value, ...page.items]
    alerts.value = withNews(read, raised.values(), changed.values(), filter())
    cursor.value = page.next_cursor
    hasMore.value = page.next_cursor !== null
    isLoaded.value = true
  }

  async function acknowledge(alert?: Alert): Promise<void> {
    const chosen = alert ?? alerts.value.find((one) => one.id === selectedId.value) ?? alerts.value.find(isNew)
    if (chosen === undefined || !isNew(chosen)) return
    const answer = await doAct(chosen.id, 'acknowledge').catch((error: unknown) => settled(chosen, error))
    if (answer !== undefined) put(answer)
  }

  function put(alert: Alert): void {
    changed.set(alert.id, alert)
    alerts.value = withUpdated(alerts.value, alert)
  }

  function add(alert: Alert): void {
    raised.set(alert.id, alert)
    alerts.value = withRaised(alerts.value, alert, filter()).slice(0, MOST)
  }

  const stopHearing = hearAlerts({
    onRaised: add,
    onUpdated: put,
    onReload: () => void load(null),
  })
  onMounted(() => load(null))
  watch(filter, () => load(null))
  onBeforeUnmount(stopHearing)

  return {
    alerts,
    selectedId,
    isLoaded,
    hasMore,
    loadMore: () => load(cursor.value),
    move: (step) => (selectedId.value = neighbour(alerts.value, selectedId.value, step)?.id ?? null),
    acknowledge,
    put,
  }
}

const isNew = (alert: Alert): boolean => alert.state === 'NEW'

/** Somebody else was quicker: that is no failure, but their name has to be shown. */
async function settled(alert: Alert, error: unknown): Promise<Alert | undefined> {
  tell(error)
  const wasTaken = error instanceof ApiError && error.code === 'alert-moved-on'
  return wasTaken ? readAlert(alert.id).catch(() => undefined) : undefined
}

import { onBeforeUnmount, onMounted, ref, shallowRef, watch, type Ref } from 'vue'
import { doAct, listAlerts, readAlert, type Alert } from '@/api/alert'
import { ApiError } from '@/api/problem'
import { FrameBatch } from '@/alerts/frames'
import { neighbour, withNews, type News, type QueueFilter } from '@/alerts/queue'
import { askedFor } from '@/alerts/stage'
import { hearAlerts } from '@/state/feed'
import { tell } from '@/ui/tell'

const PAGE = 100

/** A live list of alerts, newest first, with one selected. */
export interface AlertQueue {
  alerts: Readonly<Ref<readonly Alert[]>>
  selectedId: Ref<string | null>
  isLoaded: Readonly<Ref<boolean>>
  hasMore: Readonly<Ref<boolean>>
  /** Older ones were let go, because more came in than a page can hold. */
  isCut: Readonly<Ref<boolean>>
  /** Reads the next page, unless one is being read. */
  loadMore(): Promise<void>
  /** Selects the alert that many places further down. */
  move(step: number): void
  /** Acknowledges this alert, else the selected one, else the newest that is new. */
  acknowledge(alert?: Alert): Promise<void>
  /** Shows the alert as it is now. */
  put(alert: Alert): void
}

/** `most` is how many are kept; the oldest are let go first. */
export function useAlertQueue(filter: () => QueueFilter, most: number): AlertQueue {
  const alerts = shallowRef<readonly Alert[]>([])
  const selectedId = ref<string | null>(null)
  const isLoaded = ref(false)
  const cursor = ref<string | null>(null)
  const hasMore = ref(false)
  const isCut = ref(false)
  /** What is heard while a list is read: the list may be older. Null while none is read. */
  let heard: News[] | null = null
  let reading = 0

  async function load(after: string | null): Promise<void> {
    const turn = (reading += 1)
    heard = []
    const { stage, cameraId, isFolded } = filter()
    const asked = { ...askedFor(stage), camera_id: cameraId ?? undefined, folded: isFolded || undefined, cursor: after ?? undefined, limit: PAGE }
    const page = await listAlerts(asked).catch(tell)
    if (turn !== reading) return
    const meanwhile = heard
    heard = null
    if (page === undefined) return
    const read = after === null ? page.items : followedBy(alerts.value, page.items)
    cursor.value = page.next_cursor
    hasMore.value = page.next_cursor !== null
    isLoaded.value = true
    if (after === null) isCut.value = false
    keep(withNews(read, meanwhile, filter()))
  }

  /** Where the oldest are let go the server's cursor no longer follows the last one, so there is no going on from it. */
  function keep(list: readonly Alert[]): void {
    alerts.value = list.length > most ? list.slice(0, most) : list
    if (list.length <= most) return
    isCut.value = true
    hasMore.value = false
  }

  async function acknowledge(alert?: Alert): Promise<void> {
    const chosen = alert ?? alerts.value.find((one) => one.id === selectedId.value) ?? alerts.value.find(isNew)
    if (chosen === undefined || !isNew(chosen)) return
    const answer = await doAct(chosen.id, 'acknowledge').catch((error: unknown) => settled(chosen, error))
    if (answer !== undefined) put(answer)
  }

  function take(news: readonly News[]): void {
    heard?.push(...news)
    const now = withNews(alerts.value, news, filter())
    if (now !== alerts.value) keep(now)
  }

  const batch = new FrameBatch<News>(take)
  const put = (alert: Alert) => {
    batch.flush() // What was heard before must not come after it.
    take([{ isRaised: false, alert }])
  }
  const stopHearing = hearAlerts({
    onRaised: (alert) => batch.add({ isRaised: true, alert }),
    onUpdated: (alert) => batch.add({ isRaised: false, alert }),
    onReload: () => void load(null),
  })
  onMounted(() => load(null))
  watch(filter, () => load(null))
  onBeforeUnmount(() => {
    stopHearing()
    batch.stop()
  })

  return {
    alerts,
    selectedId,
    isLoaded,
    hasMore,
    isCut,
    loadMore: async () => {
      if (heard === null && hasMore.value) await load(cursor.value)
    },
    move: (step) => (selectedId.value = neighbour(alerts.value, selectedId.value, step)?.id ?? null),
    acknowledge,
    put,
  }
}

const isNew = (alert: Alert): boolean => alert.state === 'NEW'

/** A further page. What moved into it while it was read is there already. */
function followedBy(list: readonly Alert[], more: readonly Alert[]): Alert[] {
  const known = new Set(list.map(({ id }) => id))
  return [...list, ...more.filter(({ id }) => !known.has(id))]
}

/** Somebody else was quicker: that is no failure, but their name has to be shown. */
async function settled(alert: Alert, error: unknown): Promise<Alert | undefined> {
  tell(error)
  const wasTaken = error instanceof ApiError && error.code === 'alert-moved-on'
  return wasTaken ? readAlert(alert.id).catch(() => undefined) : undefined
}

import { computed, ref, shallowRef } from 'vue'
import { listAlerts, type Alert } from '@/api/alert'
import { isRepeat } from '@/alerts/queue'
import { hearAlerts } from '@/state/feed'
import { may } from '@/state/me'

/** As many as are counted; beyond it stands a plus. */
const MOST = 200

const ids = shallowRef<ReadonlySet<string>>(new Set())
const isMore = ref(false)

/** How many incidents nobody has acknowledged, and whether there are still more. */
export const unseen = computed(() => ({ count: Math.min(ids.value.size, MOST), isMore: isMore.value || ids.value.size > MOST }))

/** Counts them until the answer is called. */
export function countUnseen(): () => void {
  return hearAlerts({ onRaised: put, onUpdated: put, onReload: () => void read().catch(() => undefined) }) // Read again with the next `hello`.
}

async function read(): Promise<void> {
  const page = may('alert.view') ? await listAlerts({ state: ['NEW'], folded: true, limit: MOST }) : { items: [], next_cursor: null }
  ids.value = new Set(page.items.map(({ id }) => id))
  isMore.value = page.next_cursor !== null
}

function put(alert: Alert): void {
  if (isRepeat(alert) || ids.value.has(alert.id) === (alert.state === 'NEW')) return
  const next = new Set(ids.value)
  if (alert.state === 'NEW') next.add(alert.id)
  else next.delete(alert.id)
  ids.value = next
}

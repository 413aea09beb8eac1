import { computed, ref } from 'vue'
import { listAlerts, type Alert } from '@/api/alert'
import { isRepeat } from '@/alerts/queue'
import { hearAlerts } from '@/state/feed'
import { may } from '@/state/me'

/** As many as are counted; beyond it stands a plus. */
const MOST = 200

const ids = new Set<string>()
const held = ref(0)
const isMore = ref(false)

/** How many incidents nobody has acknowledged, and whether there are still more. */
export const unseen = computed(() => ({ count: Math.min(held.value, MOST), isMore: isMore.value || held.value > MOST }))

/** Counts them until the answer is called. */
export function countUnseen(): () => void {
  return hearAlerts({ onRaised: put, onUpdated: put, onReload: () => void read().catch(() => undefined) }) // Read again with the next `hello`.
}

async function read(): Promise<void> {
  const page = may('alert.view') ? await listAlerts({ state: ['NEW'], folded: true, limit: MOST }) : { items: [], next_cursor: null }
  ids.clear()
  for (const { id } of page.items) ids.add(id)
  isMore.value = page.next_cursor !== null
  held.value = ids.size
}

function put(alert: Alert): void {
  if (isRepeat(alert)) return
  if (alert.state === 'NEW') ids.add(alert.id)
  else ids.delete(alert.id)
  held.value = ids.size
}

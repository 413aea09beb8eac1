import { onBeforeUnmount, onMounted, ref, shallowRef, watch, type Ref } from 'vue'
import { listTickets, type Ticket, type TicketFilter, type TicketPage } from '@/api/ticket'
import { hearTickets } from '@/state/feed'
import { tell } from '@/ui/tell'

const PAGE = 100
/** A storm of changes is one reading. */
const SETTLE_MS = 400

export interface TicketQueue {
  tickets: Readonly<Ref<readonly Ticket[]>>
  counts: Readonly<Ref<Pick<TicketPage, 'open' | 'overdue' | 'unassigned'> | null>>
  isLoaded: Readonly<Ref<boolean>>
  hasMore: Readonly<Ref<boolean>>
  loadMore(): Promise<void>
  reload(): Promise<void>
}

/** A live list of tickets in the server's order. What changes is read anew, as its place in the list may be another. */
export function useTicketQueue(filter: () => TicketFilter, heard: (ticket: Ticket) => void): TicketQueue {
  const tickets = shallowRef<readonly Ticket[]>([])
  const counts = shallowRef<TicketPage | null>(null)
  const isLoaded = ref(false)
  const hasMore = ref(false)
  let cursor: string | null = null
  let timer = 0
  let reading = 0

  async function load(after: string | null, count = PAGE): Promise<void> {
    const turn = (reading += 1)
    const page = await listTickets({ ...filter(), cursor: after ?? undefined, limit: Math.min(count, 200) }).catch(tell)
    if (turn !== reading || page === undefined) return
    tickets.value = after === null ? page.items : [...tickets.value, ...page.items]
    counts.value = page
    cursor = page.next_cursor
    hasMore.value = cursor !== null
    isLoaded.value = true
  }

  const reload = () => load(null, Math.max(PAGE, tickets.value.length))
  const later = () => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void reload(), SETTLE_MS)
  }
  const stopHearing = hearTickets({
    onChanged: (ticket) => {
      heard(ticket)
      later()
    },
    onReload: later,
  })
  onMounted(() => load(null))
  watch(filter, () => load(null), { deep: true })
  onBeforeUnmount(() => {
    stopHearing()
    clearTimeout(timer)
  })

  return { tickets, counts, isLoaded, hasMore, reload, loadMore: () => (cursor === null ? Promise.resolve() : load(cursor)) }
}

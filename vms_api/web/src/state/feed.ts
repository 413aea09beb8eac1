import { readonly, ref } from 'vue'
import type { Alert } from '@/api/alert'
import type { Ticket } from '@/api/ticket'
import { readMe } from '@/api/account'
import { passNotice } from '@/device/notices'
import { EventFeed, type PageLink } from '@/live/events'
import { loadAreas } from '@/state/areas'
import { dropCamera, loadCameras, putCamera, putHealth } from '@/state/cameras'
import { loadSystem, putNodeState } from '@/state/system'

export interface AlertEar {
  onRaised(alert: Alert): void
  onUpdated(alert: Alert): void
  /** The alert's rule raised so many within the last minute that only their count is told. */
  onStorm?(alert: Alert, perMinute: number): void
  /** Events may have been missed: read the list again. */
  onReload(): void
}

export interface TicketEar {
  onChanged(ticket: Ticket): void
  /** Events may have been missed: read the list again. */
  onReload(): void
}

const ears = new Set<AlertEar>()
const ticketEars = new Set<TicketEar>()
const linkEars = new Set<(link: PageLink) => void>()
const storageEars = new Set<() => void>()
const patrolEars = new Set<(roundId: string | null) => void>()
const qualityEars = new Set<(cameraId: string | null) => void>()
const open = ref(false)

/** Whether the server's events arrive. While they do not, no state on the page is sure. */
export const feedIsOpen = readonly(open)

/** Hears alerts until the answer is called. */
export function hearAlerts(ear: AlertEar): () => void {
  ears.add(ear)
  return () => ears.delete(ear)
}

/** Hears repair tickets until the answer is called. */
export function hearTickets(ear: TicketEar): () => void {
  ticketEars.add(ear)
  return () => ticketEars.delete(ear)
}

const tellTickets = (ticket: Ticket) => ticketEars.forEach((ear) => ear.onChanged(ticket))

/** Hears what alerts want shown on the wall, until the answer is called. */
export function hearLinks(ear: (link: PageLink) => void): () => void {
  linkEars.add(ear)
  return () => linkEars.delete(ear)
}

/** Hears that a volume or the keeping of recordings is no longer as it was, until the answer is called. */
export function hearStorage(ear: () => void): () => void {
  storageEars.add(ear)
  return () => storageEars.delete(ear)
}

/** Hears that a round of patrol is no longer as it was (null: any may be), until the answer is called. */
export function hearPatrol(ear: (roundId: string | null) => void): () => void {
  patrolEars.add(ear)
  return () => patrolEars.delete(ear)
}

const tellPatrol = (roundId: string | null) => patrolEars.forEach((ear) => ear(roundId))

/** Hears whose pictures have changed, null for perhaps all, until the answer is called. */
export function hearQuality(ear: (cameraId: string | null) => void): () => void {
  qualityEars.add(ear)
  return () => qualityEars.delete(ear)
}

const tellStorage = () => storageEars.forEach((ear) => ear())

const feed = new EventFeed(
  {
    hello: reload,
    reset: reload,
    'alert.raised': (alert) => ears.forEach((ear) => ear.onRaised(alert)),
    'alert.updated': (alert) => ears.forEach((ear) => ear.onUpdated(alert)),
    'alert.storm': ({ alert, per_minute }) =>
      ears.forEach((ear) => {
        ear.onUpdated(alert)
        ear.onStorm?.(alert, per_minute)
      }),
    'alert.link': (link) => linkEars.forEach((ear) => ear(link)),
    'area.changed': () => loadAreas().catch(() => undefined),
    'camera.added': putCamera,
    'camera.changed': putCamera,
    'camera.removed': ({ id }) => dropCamera(id),
    'camera.health': ({ camera_id, health }) => putHealth(camera_id, health),
    'camera.quality': ({ camera_id }) => qualityEars.forEach((ear) => ear(camera_id)),
    'device.notice': ({ camera_id, notice }) => passNotice(camera_id, notice),
    'node.state': ({ state }) => putNodeState(state),
    'patrol.due': () => tellPatrol(null),
    'patrol.escalated': () => tellPatrol(null),
    'patrol.missed': () => tellPatrol(null),
    'patrol.reminder': () => tellPatrol(null),
    'patrol.round': ({ id }) => tellPatrol(id),
    'recording.problem': tellStorage,
    'ticket.changed': tellTickets,
    'ticket.overdue': tellTickets,
    'recording.volume': tellStorage,
  },
  (isOpen) => {
    open.value = isOpen
    // EventSource hides the status of its answer; asking who we are tells an ended session from a broken network.
    if (!isOpen) readMe().catch(() => undefined)
  },
)

export const openFeed = () => feed.open()

export function closeFeed(): void {
  feed.close()
  open.value = false
}

function reload(): void {
  ears.forEach((ear) => ear.onReload())
  ticketEars.forEach((ear) => ear.onReload())
  tellStorage()
  tellPatrol(null)
  qualityEars.forEach((ear) => ear(null))
  // A list that cannot be read now is read again with the next `hello`; the page says that the connection is broken.
  Promise.all([loadCameras(), loadAreas(), loadSystem()]).catch(() => undefined)
}

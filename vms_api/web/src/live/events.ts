import type { Alert } from '@/api/alert'
import type { Camera, CameraHealth } from '@/api/camera'
import { API_ROOT } from '@/api/client'
import type { DeviceNotice } from '@/api/device'
import type { QualityCategory, QualityState } from '@/api/quality'
import type { NodeState } from '@/api/system'
import type { Ticket } from '@/api/ticket'
import { retryDelayS } from '@/live/backoff'

/** A camera that an alert brings up over the wall, or into one of its tiles; the first is 0. */
export interface PageLink {
  alert_id: string
  camera_id: string
  link: { kind: 'wall' } | { kind: 'tile'; tile: number }
}

/** What arrives on the event stream (contract: SSE events). */
export interface EventKinds {
  hello: { last_event_id: number }
  reset: Record<string, never>
  'alert.raised': Alert
  'alert.updated': Alert
  /** A rule raises too many: in place of each comes the first alert of the incident with its count, once a second. */
  'alert.storm': { alert: Alert; per_minute: number }
  /** What a rule wants pages to do with the picture of a camera. */
  'alert.link': PageLink
  'area.changed': { id: string }
  'camera.added': Camera
  'camera.changed': Camera
  'camera.removed': { id: string }
  'camera.health': { camera_id: string; health: CameraHealth }
  'camera.quality': { camera_id: string; camera_name: string; state: QualityState; faults: QualityCategory[] }
  'device.notice': { camera_id: string; notice: DeviceNotice }
  'node.state': { state: NodeState }
  /** What concerns a round of patrol; who needs more reads it. */
  'patrol.due': object
  'patrol.escalated': object
  'patrol.missed': object
  'patrol.reminder': object
  'patrol.round': { id: string }
  'recording.problem': { code: string; is_over: boolean }
  'recording.volume': { name: string; state: string }
  'ticket.changed': Ticket
  /** The time to mend it is over. */
  'ticket.overdue': Ticket
}

export type EventEars = { [K in keyof EventKinds]: (data: EventKinds[K]) => void }

/** Keeps the event stream open. The browser itself resumes by Last-Event-ID after a broken connection; where it gives
 * up (an HTTP error) a new stream is opened, whose `hello` makes the page load its lists again. */
export class EventFeed {
  readonly #ears: EventEars
  readonly #onConnection: (isOpen: boolean) => void
  #source: EventSource | null = null
  #retry = 0
  #failureCount = 0

  constructor(ears: EventEars, onConnection: (isOpen: boolean) => void) {
    this.#ears = ears
    this.#onConnection = onConnection
  }

  open(): void {
    this.close()
    const source = new EventSource(`${API_ROOT}/events`)
    this.#source = source
    for (const kind of Object.keys(this.#ears) as (keyof EventKinds)[]) this.#listen(source, kind)
    source.onopen = () => {
      this.#failureCount = 0
      this.#onConnection(true)
    }
    source.onerror = () => {
      this.#onConnection(false)
      if (source.readyState === EventSource.CLOSED) this.#reopenLater()
    }
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = null
  }

  #listen<K extends keyof EventKinds>(source: EventSource, kind: K): void {
    source.addEventListener(kind, (event: MessageEvent<string>) => {
      this.#ears[kind](JSON.parse(event.data) as EventKinds[K])
    })
  }

  #reopenLater(): void {
    this.#failureCount += 1
    this.#retry = window.setTimeout(() => this.open(), retryDelayS(this.#failureCount, Math.random()) * 1000)
  }
}

import type { Ticket, TicketState } from '@/api/ticket'

/** Somebody is waited for. */
const RUNNING: ReadonlySet<TicketState> = new Set(['open', 'assigned', 'in-progress'])
const SOON_MS = 4 * 3600_000

export type TicketUrgency = 'calm' | 'soon' | 'overdue' | 'paused' | 'done'

/** How pressing the repair is. What is paused or reported as mended waits for nobody. */
export function ticketUrgency(ticket: Ticket, nowMs: number): TicketUrgency {
  if (ticket.state === 'paused') return 'paused'
  if (!RUNNING.has(ticket.state)) return 'done'
  const leftMs = Date.parse(ticket.due_at) - nowMs
  if (leftMs <= 0) return 'overdue'
  return leftMs <= SOON_MS ? 'soon' : 'calm'
}

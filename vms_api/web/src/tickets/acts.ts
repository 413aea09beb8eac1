import type { Ticket, TicketAct, TicketState } from '@/api/ticket'

/** What the table of the server lets a person do, the likeliest first. */
const TABLE: Record<TicketState, readonly TicketAct[]> = {
  open: ['assign', 'start', 'fix', 'close'],
  assigned: ['start', 'fix', 'pause', 'assign', 'close'],
  'in-progress': ['fix', 'pause', 'assign', 'close'],
  paused: ['resume', 'fix', 'assign', 'close'],
  fixed: ['close', 'reopen'],
  closed: ['reopen'],
}

/** Acts that ask for something before they are done; the others are done at once. */
export const ASKING: ReadonlySet<TicketAct> = new Set(['assign', 'pause', 'fix', 'close', 'reopen'])

export const ticketActs = (ticket: Ticket, mayHandle: boolean): readonly TicketAct[] => (mayHandle ? TABLE[ticket.state] : [])

/** The key of each act. */
export const ACT_KEYS: Record<TicketAct, string> = { assign: 'g', start: 'p', pause: 'w', resume: 'r', fix: 'x', close: 'c', reopen: 'b' }

import { TICKET_ACTS, type Ticket, type TicketAct, type TicketState } from '@/api/ticket'

/** What the table of the server lets a person do, the likeliest first. */
const TABLE: Record<TicketState, readonly TicketAct[]> = {
  open: ['assign', 'start', 'fix', 'due', 'close'],
  assigned: ['start', 'fix', 'pause', 'assign', 'due', 'close'],
  'in-progress': ['fix', 'pause', 'assign', 'due', 'close'],
  paused: ['resume', 'fix', 'assign', 'close'],
  fixed: ['close', 'reopen'],
  closed: ['reopen'],
}

/** Acts that ask for something before they are done; the others are done at once. */
export const ASKING: ReadonlySet<TicketAct> = new Set(['assign', 'pause', 'fix', 'due', 'close', 'reopen'])

/** Those that at least one of them is ready for, in the order of a repair: the server answers for each by itself. */
export function sharedTicketActs(tickets: readonly Ticket[], mayHandle: (areaId: string) => boolean): TicketAct[] {
  const ready = new Set(tickets.flatMap((ticket) => ticketActs(ticket, mayHandle(ticket.area_id))))
  return TICKET_ACTS.filter((act) => ready.has(act))
}

/** Whether nobody has seen that the fault is gone: then closing takes a reason. */
export const isUnseen = (ticket: Ticket): boolean => ticket.cleared_at === null && !(ticket.state === 'fixed' && ['patrol', 'other'].includes(ticket.cause))

export const ticketActs = (ticket: Ticket, mayHandle: boolean): readonly TicketAct[] => (mayHandle ? TABLE[ticket.state] : [])

/** The key of each act. */
export const ACT_KEYS: Record<TicketAct, string> = { assign: 'g', start: 'p', pause: 'w', resume: 'r', fix: 'x', due: 'd', close: 'c', reopen: 'b' }

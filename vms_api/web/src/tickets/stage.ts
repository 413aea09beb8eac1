import type { TicketFilter } from '@/api/ticket'

/** What a list of tickets shows. */
export const STAGES = ['open', 'overdue', 'mine', 'unassigned', 'fixed', 'closed'] as const
export type TicketStage = (typeof STAGES)[number]

const UNDONE = ['open', 'assigned', 'in-progress', 'paused'] as const

const ASKED: Record<TicketStage, TicketFilter> = {
  open: { state: UNDONE },
  overdue: { overdue: true },
  mine: { assignee: 'me', state: UNDONE },
  unassigned: { state: ['open'] },
  fixed: { state: ['fixed'] },
  closed: { state: ['closed'], order: 'newest' },
}

export const askedOf = (stage: TicketStage): TicketFilter => ASKED[stage]

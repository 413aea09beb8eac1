import type { Alert, AlertFilter, AlertState } from '@/api/alert'

/** The part of the alerts that a list shows. */
export const STAGES = ['open', 'new', 'overdue', 'mine', 'closed', 'all'] as const
export type Stage = (typeof STAGES)[number]

const OPEN: readonly AlertState[] = ['NEW', 'ACKNOWLEDGED', 'ASSIGNED', 'IN_PROGRESS', 'RESOLVED', 'REOPENED']

/** What to ask the server for. */
export function askedFor(stage: Stage): AlertFilter {
  switch (stage) {
    case 'open':
      return { state: OPEN }
    case 'new':
      return { state: ['NEW'] }
    case 'overdue':
      return { overdue: true }
    case 'mine':
      return { state: OPEN, owner: 'me' }
    case 'closed':
      return { state: ['CLOSED'] }
    case 'all':
      return {}
  }
}

/** Whether an alert belongs there, for the person with that id. */
export function isAt(alert: Alert, stage: Stage, userId: string): boolean {
  const { state, owner, overdue } = askedFor(stage)
  return (state?.includes(alert.state) ?? true) && (owner === undefined || alert.owner_id === userId) && (overdue === undefined || Boolean(alert.overdue))
}

export const isOpen = (alert: Alert): boolean => OPEN.includes(alert.state)

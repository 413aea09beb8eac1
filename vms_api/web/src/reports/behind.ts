import type { AlertState, Verdict } from '@/api/alert'
import type { AlertFigures, AlertReport, BehindFilter, Window } from '@/api/report'

/** The numbers of a row, in the order of their columns; behind each there is a list of just so many alerts. */
export const COUNTS = ['raised', 'cards', 'acknowledged', 'resolved', 'closed', 'open', 'overdue', 'true', 'false', 'duplicate', 'test'] as const
export type Count = (typeof COUNTS)[number]

const OPEN: readonly AlertState[] = ['NEW', 'ACKNOWLEDGED', 'ASSIGNED', 'IN_PROGRESS', 'REOPENED']
const DONE: readonly AlertState[] = ['RESOLVED', 'CLOSED']

const CONDITIONS: Record<Count, Partial<BehindFilter>> = {
  raised: {},
  cards: { folded: true },
  acknowledged: { folded: true, state: [...OPEN.slice(1), ...DONE] },
  resolved: { folded: true, state: DONE },
  closed: { folded: true, state: ['CLOSED'] },
  open: { folded: true, state: OPEN },
  overdue: { folded: true, overdue: true },
  true: verdict('true'),
  false: verdict('false'),
  duplicate: { verdict: 'duplicate' },
  test: verdict('test'),
}

/** The filter of the list behind a number of a row; null for alerts that no centre answers: no filter finds those. */
export function behind(report: AlertReport, row: AlertFigures, count: Count, areaId?: string): BehindFilter | null {
  const filter: BehindFilter = { ...overlap(report.window, row.window), area_id: areaId, ...CONDITIONS[count] }
  if (row === report.total || report.by === 'day') return filter
  if (row.key === '') return null
  const key = ({ rule: 'rule_id', camera: 'camera_id', centre: 'centre_id' } as const)[report.by]
  return { ...filter, [key]: row.key }
}

function verdict(one: Verdict): Partial<BehindFilter> {
  return { folded: true, verdict: one }
}

/** What a day shares with the window of the report: its first and last day may be cut. */
function overlap(whole: Window, day: Window | null): Window {
  if (day === null) return whole
  const later = (a: string, b: string) => (Date.parse(a) > Date.parse(b) ? a : b)
  return { from: later(whole.from, day.from), to: later(whole.to, day.to) === whole.to ? day.to : whole.to }
}

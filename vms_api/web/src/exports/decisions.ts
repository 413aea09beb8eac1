import type { ExportRequest, ExportState } from '@/api/export'

/** States that are not the last: the list is read again soon. */
const UNDER_WAY: ReadonlySet<ExportState> = new Set(['REQUESTED', 'APPROVED', 'BUILDING', 'READY'])

export const isUnderWay = (requests: readonly ExportRequest[]): boolean => requests.some(({ state }) => UNDER_WAY.has(state))

/** What waits for this person: requests of others. The server and its database refuse one's own. */
export const decidableExports = (requests: readonly ExportRequest[], username: string): ExportRequest[] =>
  requests.filter(({ state, requested_by }) => state === 'REQUESTED' && requested_by !== username)

/** The package is for who asked for it, once. */
export const isFetchable = ({ state, requested_by }: ExportRequest, username: string): boolean => state === 'READY' && requested_by === username

import { nextRecorded, stretchAt, type Stretch } from '@/playback/spans'

/** For this long after the latest recording more is expected: a node that died has mended its last file by then. */
const EDGE_MS = 150_000
/** Playing that has come so near to the present waits for some seconds' worth, so that not every second is asked for. */
const NEWEST_MS = 8000
/** Nearer than this is here. */
const HERE_MS = 1000

/** How playing goes on where no picture has anything to show. `refresh`: ask the server again, for the index knows more
 * than the pictures do; `wait`: what comes next is still being written. */
export type Onward = { kind: 'refresh' } | { kind: 'jump'; toMs: number; reason: string | null } | { kind: 'wait' } | { kind: 'end' }

/** Decides it from what the index says of each camera after the moment. `wasRefreshed`: asking again has changed nothing,
 * so that what no picture can show is passed over like a gap. */
export function onward(rows: readonly (readonly Stretch[])[], atMs: number, nowMs: number, wasRefreshed: boolean): Onward {
  const first = nextRecorded(rows, atMs)
  const isHere = first !== null && first - atMs < HERE_MS
  if (isHere && !wasRefreshed) return { kind: nowMs - atMs < NEWEST_MS ? 'wait' : 'refresh' }
  const next = isHere ? nextRecorded(rows.map((row) => row.filter(({ from }) => from > atMs + HERE_MS)), atMs) : first
  if (next !== null) return { kind: 'jump', toMs: next, reason: rows.map((row) => stretchAt(row, atMs + 1)?.reason ?? null).find(Boolean) ?? null }
  return { kind: nowMs - atMs < EDGE_MS ? 'wait' : 'end' }
}

import { nextRecorded, stretchAt, type Stretch } from '@/playback/spans'

/** What is being recorded can be played when its file is whole, which takes a minute and a half at most. */
const EDGE_MS = 150_000
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
  if (isHere && !wasRefreshed) return { kind: 'refresh' }
  const next = isHere ? nextRecorded(rows.map((row) => row.filter(({ from }) => from > atMs + HERE_MS)), atMs) : first
  if (next !== null) return { kind: 'jump', toMs: next, reason: rows.map((row) => stretchAt(row, atMs + 1)?.reason ?? null).find(Boolean) ?? null }
  return { kind: nowMs - atMs < EDGE_MS ? 'wait' : 'end' }
}

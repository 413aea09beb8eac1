/** For how long a touch shows that somebody sits there; the server has the same measure. */
export const INPUT_LASTS_MS = 60_000

/** The first reason why the time does not count now; null while it does. */
export function notCounting(isVisible: boolean, isPlaying: boolean, sinceInputMs: number): 'hidden' | 'still' | 'away' | null {
  if (!isVisible) return 'hidden'
  if (sinceInputMs > INPUT_LASTS_MS) return 'away'
  return isPlaying ? null : 'still'
}

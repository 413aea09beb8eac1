/** Which lease of a round this tab holds. It outlives a reload; another tab or machine takes its own. */
const PREFIX = 'xueliang.round.'

export function heldEpoch(roundId: string): number | null {
  const kept = sessionStorage.getItem(PREFIX + roundId)
  return kept === null ? null : Number(kept)
}

export const holdEpoch = (roundId: string, epoch: number): void => sessionStorage.setItem(PREFIX + roundId, String(epoch))

const FIRST_S = 1
const LONGEST_S = 10

/** Seconds before try number `attempt` (the first retry is 1): 1, 2, 4, 8, 10, 10 ... with ±20 % by `random` in 0 to 1,
 * so that the sixteen tiles of a wall do not come back in the same instant. */
export function retryDelayS(attempt: number, random: number): number {
  const plain = Math.min(LONGEST_S, FIRST_S * 2 ** Math.max(0, attempt - 1))
  return plain * (0.8 + 0.4 * random)
}

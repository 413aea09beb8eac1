import type { CameraHistory, CameraState } from '@/api/camera'

/** A camera in one state for a while, in Unix milliseconds. */
export interface Phase {
  state: CameraState
  fault: string | null
  from: number
  to: number
}

export interface PastGap {
  reason: string
  from: number
  to: number
  isOpen: boolean
}

/** The states of the main stream, which are the camera's own, one after another. What was before the first one known is
 * `unknown`. */
export function phasesOf({ states }: CameraHistory, fromMs: number, toMs: number): Phase[] {
  const changes = states
    .filter(({ role }) => role === 'main')
    .map(({ at, state, fault }) => ({ at: Date.parse(at), state, fault: fault?.code ?? null }))
    .toSorted((one, other) => one.at - other.at)
  const all = [{ at: -Infinity, state: 'unknown' as const, fault: null }, ...changes]
  return all.flatMap(({ at, state, fault }, index) => {
    const [from, to] = [Math.max(fromMs, at), Math.min(toMs, all[index + 1]?.at ?? toMs)]
    return to > from ? [{ state, fault, from, to }] : []
  })
}

/** Gaps cut to the range; one without an end goes on. */
export function gapsOf({ gaps }: CameraHistory, fromMs: number, toMs: number): PastGap[] {
  return gaps
    .map(({ reason, from, to }) => ({
      ...{ reason, from: Math.max(fromMs, Date.parse(from)), isOpen: to === null },
      to: Math.min(toMs, to === null ? toMs : Date.parse(to)),
    }))
    .filter(({ from, to }) => to > from)
    .toSorted((one, other) => one.from - other.from)
}

/** How much of the known time the camera was live, 0 to 1; null where nothing is known. */
export function liveShare(phases: readonly Phase[]): number | null {
  const length = (some: readonly Phase[]) => some.reduce((sum, { from, to }) => sum + to - from, 0)
  const known = length(phases.filter(({ state }) => state !== 'unknown' && state !== 'disabled'))
  return known === 0 ? null : length(phases.filter(({ state }) => state === 'live')) / known
}

/** Beyond this a camera's clock falsifies what evidence says. */
export const CLOCK_OFF_S = 2

export const isClockOff = (offsetS: number | null | undefined): boolean => offsetS != null && Math.abs(offsetS) > CLOCK_OFF_S

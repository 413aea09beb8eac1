/** The life of one live picture in the page, as a table: what the player may do next and what a tile may say. */
export type PlayerState = 'idle' | 'connecting' | 'playing' | 'stalled' | 'waiting' | 'failed' | 'closed'

export type PlayerEvent = 'play' | 'frame' | 'silence' | 'lost' | 'refused' | 'pause' | 'close'

/** `stalled` keeps its connection: the picture is old but may go on. `waiting` has a retry in seconds, `failed` in a
 * minute, because the camera's stream itself cannot be shown here. Every state but `closed` leads back to `playing`. */
export const TRANSITIONS: Readonly<Record<PlayerState, Partial<Record<PlayerEvent, PlayerState>>>> = {
  idle: { play: 'connecting', pause: 'idle', close: 'closed' },
  connecting: {
    play: 'connecting',
    frame: 'playing',
    lost: 'waiting',
    refused: 'failed',
    pause: 'idle',
    close: 'closed',
  },
  playing: { play: 'connecting', frame: 'playing', silence: 'stalled', lost: 'waiting', pause: 'idle', close: 'closed' },
  stalled: { play: 'connecting', frame: 'playing', silence: 'stalled', lost: 'waiting', pause: 'idle', close: 'closed' },
  waiting: { play: 'connecting', pause: 'idle', close: 'closed' },
  failed: { play: 'connecting', pause: 'idle', close: 'closed' },
  closed: { close: 'closed' },
}

/** The state after the event, or null where the event means nothing (a late callback of an old connection). */
export function nextState(state: PlayerState, event: PlayerEvent): PlayerState | null {
  return TRANSITIONS[state][event] ?? null
}

/** Refusals after which a person has to act: no stream of the camera is shown before a purpose is stated or a right is
 * granted, so that quick retries mean nothing. */
export const NEEDS_PERSON: ReadonlySet<string> = new Set(['purpose-required', 'not-allowed', 'unmask-grant-needed'])

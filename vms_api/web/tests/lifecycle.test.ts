import { describe, expect, it } from 'vitest'
import { nextState, TRANSITIONS, type PlayerState } from '@/live/lifecycle'

const STATES = Object.keys(TRANSITIONS) as PlayerState[]

describe('the life of a live picture', () => {
  it('leads back to a connection from every state but closed', () => {
    for (const state of STATES) expect(nextState(state, 'play')).toBe(state === 'closed' ? null : 'connecting')
  })

  it('can be closed from every state, for good', () => {
    for (const state of STATES) expect(nextState(state, 'close')).toBe('closed')
    expect(Object.values(TRANSITIONS.closed)).toEqual(['closed'])
  })

  it('is playing only by a frame', () => {
    for (const state of STATES) {
      const events = Object.entries(TRANSITIONS[state]).filter(([, next]) => next === 'playing')
      expect(events.every(([event]) => event === 'frame')).toBe(true)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { TICKET_ACTS, TICKET_STATES, type Ticket } from '@/api/ticket'
import { ACT_KEYS, isUnseen, sharedTicketActs, ticketActs } from '@/tickets/acts'
import { ticketUrgency } from '@/tickets/due'

const NOW = Date.parse('2026-01-01T12:00:00Z')
const ticket = (changes: Partial<Ticket>): Ticket => ({ state: 'open', due_at: '2026-01-02T12:00:00Z', ...changes }) as Ticket

describe('the acts of a ticket', () => {
  it('are those of the server’s table', () => {
    const offered = Object.fromEntries(TICKET_STATES.map((state) => [state, [...ticketActs(ticket({ state }), true)].sort()]))
    expect(offered).toEqual({
      open: ['assign', 'close', 'due', 'fix', 'start'],
      assigned: ['assign', 'close', 'due', 'fix', 'pause', 'start'],
      'in-progress': ['assign', 'close', 'due', 'fix', 'pause'],
      paused: ['assign', 'close', 'fix', 'resume'],
      fixed: ['close', 'reopen'],
      closed: ['reopen'],
    })
  })

  it('are for many what at least one is ready for, in the order of a repair', () => {
    const many = [ticket({ state: 'paused', area_id: 'here' }), ticket({ state: 'fixed', area_id: 'here' }), ticket({ state: 'open', area_id: 'elsewhere' })]
    expect(sharedTicketActs(many, (areaId) => areaId === 'here')).toEqual(['assign', 'resume', 'fix', 'close', 'reopen'])
    expect(sharedTicketActs([], () => true)).toEqual([])
  })

  it('close without a reason what is seen to be well, or mended where only people can see', () => {
    expect(isUnseen(ticket({ state: 'open', cleared_at: null }))).toBe(true)
    expect(isUnseen(ticket({ state: 'open', cleared_at: '2026-01-01T00:00:00Z' }))).toBe(false)
    expect(isUnseen(ticket({ state: 'fixed', cause: 'other', cleared_at: null }))).toBe(false)
    expect(isUnseen(ticket({ state: 'fixed', cause: 'offline', cleared_at: null }))).toBe(true)
  })

  it('are none for who may only look', () => {
    for (const state of TICKET_STATES) expect(ticketActs(ticket({ state }), false)).toEqual([])
  })

  it('have a key each, and none that moves in the list or writes', () => {
    const keys = TICKET_ACTS.map((act) => ACT_KEYS[act])
    expect(new Set([...keys, 'j', 'k', 'n', 'f', '?']).size).toBe(TICKET_ACTS.length + 5)
  })
})

describe('how pressing a repair is', () => {
  it('goes by the time that is left', () => {
    expect(ticketUrgency(ticket({}), NOW)).toBe('calm')
    expect(ticketUrgency(ticket({ due_at: '2026-01-01T15:00:00Z' }), NOW)).toBe('soon')
    expect(ticketUrgency(ticket({ due_at: '2026-01-01T12:00:00Z' }), NOW)).toBe('overdue')
  })

  it('is nothing while nobody is waited for', () => {
    const late = { due_at: '2025-12-31T12:00:00Z' }
    expect(ticketUrgency(ticket({ ...late, state: 'paused' }), NOW)).toBe('paused')
    expect(ticketUrgency(ticket({ ...late, state: 'fixed' }), NOW)).toBe('done')
    expect(ticketUrgency(ticket({ ...late, state: 'closed' }), NOW)).toBe('done')
  })
})

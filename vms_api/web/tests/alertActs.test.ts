import { describe, expect, it } from 'vitest'
import type { Alert, AlertState } from '@/api/alert'
import { actsFor } from '@/alerts/acts'
import { askedFor, isAt, STAGES } from '@/alerts/stage'

const alert = (state: AlertState, owner_id: string | null = null) => ({ state, owner_id, area_id: 'a' }) as Alert
const PATROLLER = new Set(['alert.view', 'alert.handle'])
const DISPATCHER = new Set([...PATROLLER, 'alert.dispatch'])
const SUPERVISOR = new Set([...DISPATCHER, 'alert.close'])
const holds = (rights: Set<string>) => (permission: string) => rights.has(permission)

describe('the acts that the page offers', () => {
  it('are those of the owner, and nothing of somebody else’s alert to a patroller', () => {
    expect(actsFor(alert('NEW'), 'me', holds(PATROLLER))).toEqual(['acknowledge'])
    expect(actsFor(alert('ACKNOWLEDGED', 'me'), 'me', holds(PATROLLER))).toEqual(['resolve', 'progress', 'assign'])
    expect(actsFor(alert('ACKNOWLEDGED', 'other'), 'me', holds(PATROLLER))).toEqual([])
  })

  it('let a dispatcher take over and send back, and only a supervisor close', () => {
    expect(actsFor(alert('IN_PROGRESS', 'other'), 'me', holds(DISPATCHER))).toEqual(['resolve', 'assign'])
    expect(actsFor(alert('RESOLVED', 'other'), 'me', holds(DISPATCHER))).toEqual(['reopen'])
    expect(actsFor(alert('RESOLVED', 'other'), 'me', holds(SUPERVISOR))).toEqual(['close', 'reopen'])
  })
})

describe('the stages of the desk', () => {
  it('hold an alert exactly where the server would list it', () => {
    const mine = alert('ASSIGNED', 'me')
    expect(STAGES.filter((stage) => isAt(mine, stage, 'me'))).toEqual(['open', 'mine', 'all'])
    expect(STAGES.filter((stage) => isAt(mine, stage, 'other'))).toEqual(['open', 'all'])
    expect(STAGES.filter((stage) => isAt(alert('CLOSED', 'me'), stage, 'me'))).toEqual(['closed', 'all'])
    expect(askedFor('mine').owner).toBe('me')
  })
})

import { describe, expect, it } from 'vitest'
import type { Alert, AlertState } from '@/api/alert'
import { actsFor, lockedActs, sharedActs } from '@/alerts/acts'
import { askedFor, isAt, STAGES } from '@/alerts/stage'

const alert = (state: AlertState, owner_id: string | null = null) => ({ state, owner_id, area_id: 'a', centre_id: null, level: 0 }) as unknown as Alert
const PATROLLER = new Set(['alert.view', 'alert.handle'])
const DISPATCHER = new Set([...PATROLLER, 'alert.dispatch'])
const SUPERVISOR = new Set([...DISPATCHER, 'alert.close'])
const who = (rights: Set<string>) => ({ id: 'me', may: (permission: string) => rights.has(permission), above: () => undefined, isTop: () => false })

/** A person with a role in one area; the city is above the township, and that above the village. */
const AREAS = ['village', 'township', 'city']
const inArea = (rights: Set<string>, area: string) => ({
  id: 'me',
  may: (permission: string, areaId: string) => rights.has(permission) && AREAS.indexOf(areaId) <= AREAS.indexOf(area),
  isTop: (id: string) => id === 'city',
  above: (id: string) => (AREAS.indexOf(id) < AREAS.indexOf(area) ? AREAS[AREAS.indexOf(id) + 1] : undefined),
})
const between = (centre_id: string, level: number, state: AlertState = 'NEW') => ({ ...alert(state), area_id: 'village', centre_id, level }) as Alert
const supervises = (one: Alert, person: ReturnType<typeof inArea>) => actsFor(one, person).filter((act) => ['escalate', 'urge', 'take-over', 'send-back'].includes(act))

describe('the acts that the page offers', () => {
  it('are those of the owner, and nothing of somebody else’s alert to a patroller', () => {
    expect(actsFor(alert('NEW'), who(PATROLLER))).toEqual(['acknowledge'])
    expect(actsFor(alert('ACKNOWLEDGED', 'me'), who(PATROLLER))).toEqual(['resolve', 'progress', 'assign'])
    expect(actsFor(alert('ACKNOWLEDGED', 'other'), who(PATROLLER))).toEqual([])
  })

  it('let a dispatcher take over and send back, and only a supervisor close', () => {
    expect(actsFor(alert('IN_PROGRESS', 'other'), who(DISPATCHER))).toEqual(['resolve', 'assign'])
    expect(actsFor(alert('RESOLVED', 'other'), who(DISPATCHER))).toEqual(['reopen'])
    expect(actsFor(alert('RESOLVED', 'other'), who(SUPERVISOR))).toEqual(['close', 'reopen'])
  })
})

describe('the acts between centres', () => {
  it('let whoever has an alert pass it up, and give back what came from below', () => {
    expect(supervises(between('village', 0), inArea(DISPATCHER, 'village'))).toEqual(['escalate'])
    expect(supervises(between('township', 1), inArea(DISPATCHER, 'township'))).toEqual(['escalate', 'send-back'])
    expect(supervises(between('township', 1), inArea(DISPATCHER, 'village'))).toEqual([])
    expect(supervises(between('village', 0), inArea(PATROLLER, 'village'))).toEqual([])
    expect(supervises(between('city', 0), inArea(DISPATCHER, 'city'))).toEqual([])
  })

  it('let the centre above urge and take over', () => {
    expect(supervises(between('village', 0), inArea(DISPATCHER, 'township'))).toEqual(['escalate', 'urge', 'take-over'])
    expect(supervises(between('city', 2), inArea(DISPATCHER, 'city'))).toEqual(['send-back'])
    expect(supervises(between('township', 1), inArea(DISPATCHER, 'city'))).toEqual(['escalate', 'urge', 'take-over', 'send-back'])
  })

  it('are over when the alert is handled', () => {
    expect(supervises(between('village', 0, 'RESOLVED'), inArea(SUPERVISOR, 'city'))).toEqual([])
  })
})

describe('what others can do', () => {
  it('is shown as locked, and offered for many when it fits one of them', () => {
    expect(lockedActs(alert('RESOLVED', 'other'), who(PATROLLER))).toEqual(['close', 'reopen'])
    expect(lockedActs(alert('NEW'), who(PATROLLER))).toEqual([])
    expect([...sharedActs([alert('NEW'), alert('RESOLVED', 'other')], who(DISPATCHER))]).toEqual(['acknowledge', 'reopen'])
  })
})

describe('the stages of the desk', () => {
  it('hold an alert exactly where the server would list it', () => {
    const mine = alert('ASSIGNED', 'me')
    expect(STAGES.filter((stage) => isAt({ ...mine, overdue: 'resolve' }, stage, 'other'))).toEqual(['open', 'overdue', 'all'])
    expect(STAGES.filter((stage) => isAt(mine, stage, 'me'))).toEqual(['open', 'mine', 'all'])
    expect(STAGES.filter((stage) => isAt(mine, stage, 'other'))).toEqual(['open', 'all'])
    expect(STAGES.filter((stage) => isAt(alert('CLOSED', 'me'), stage, 'me'))).toEqual(['closed', 'all'])
    expect(askedFor('mine').owner).toBe('me')
  })
})

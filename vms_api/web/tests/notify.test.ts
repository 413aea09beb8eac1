import { describe, expect, it } from 'vitest'
import { TARGET_KINDS, type ReceiverIn } from '@/api/notify'
import { gapsOf, ofKind, placeText, receiverFor, receiverOf, targetOf } from '@/notify/form'

describe('a receiver that is being made', () => {
  it('lacks name and address before the server is asked', () => {
    expect(gapsOf(receiverFor('here'))).toEqual(['name', 'target'])
    for (const kind of TARGET_KINDS) expect(gapsOf(ofKind(receiverFor(''), kind))).toContain('target')
  })

  it('is whole once it has them', () => {
    const whole: ReceiverIn = { ...receiverFor('here'), name: 'Police', target: { kind: 'email', to: ['li@example.org'] } }
    expect(gapsOf(whole)).toEqual([])
  })

  it('starts mail without what people do, which would fill the mailbox', () => {
    expect(ofKind(receiverFor('here'), 'email').changes).toBe(false)
    expect(ofKind(receiverFor('here'), 'mqtt').changes).toBe(true)
  })

  it('sends empty texts as none', () => {
    const draft: ReceiverIn = { ...receiverFor('here'), name: ' Police ', target: { ...targetOf('mqtt'), username: ' ', authority_pem: ' ' } as ReceiverIn['target'], secret: '' }
    expect(receiverOf(draft)).toMatchObject({ name: 'Police', secret: null, target: { username: null, authority_pem: null } })
  })

  it('is named by where it is', () => {
    expect(placeText({ kind: 'syslog', host: 'log', port: 514, transport: 'udp', authority_pem: null })).toBe('log:514 (UDP)')
  })
})

import { describe, expect, it } from 'vitest'
import type { Camera, CameraHealth, CameraState, StreamHealth } from '@/api/camera'
import { healthWord, pictureStatus, streamOrder, tileWord, type PictureFacts } from '@/live/status'

const NOW = Date.parse('2026-11-21T12:00:00Z')

function stream(state: CameraState, changes: Partial<StreamHealth> = {}): StreamHealth {
  return { role: 'main', state, retry_at: null, fault: null, ...changes } as StreamHealth
}

function health(...streams: StreamHealth[]): CameraHealth {
  return { state: streams[0]?.state ?? 'unknown', streams } as CameraHealth
}

function status(changes: Partial<PictureFacts>) {
  return pictureStatus({
    health: health(stream('live')),
    role: 'main',
    player: 'playing',
    failureCode: null,
    retryAt: null,
    lastFrameAt: 100_000,
    tick: 100_000,
    now: NOW,
    ...changes,
  })
}

describe('what a tile says', () => {
  it('is live while frames are shown and the camera is live', () => {
    expect(status({})).toEqual({ word: 'live', reason: null, retryInS: null, staleS: null })
  })

  it('is live while frames are shown although the node has not reported', () => {
    expect(status({ health: undefined }).word).toBe('live')
  })

  it('is silent as soon as the camera is, before the picture is old', () => {
    expect(status({ health: health(stream('silent')), tick: 101_000 })).toMatchObject({ word: 'silent', staleS: null })
  })

  it('counts the age of a picture that no longer moves on', () => {
    const stalled = status({ player: 'stalled', tick: 123_000 })
    expect(stalled).toMatchObject({ word: 'stalled', staleS: 23 })
  })

  it('has no age without a picture', () => {
    expect(status({ player: 'connecting', lastFrameAt: null, tick: 123_000 })).toMatchObject({ word: 'connecting', staleS: null })
  })

  it('names the fault and the time to the next try of a waiting camera', () => {
    const waiting = stream('waiting', {
      fault: { code: 'host-refused', message: '', at: '' },
      retry_at: '2026-11-21T12:00:08Z',
    })
    expect(status({ health: health(waiting), player: 'waiting' })).toMatchObject({
      word: 'waiting',
      reason: { family: 'fault', code: 'host-refused' },
      retryInS: 8,
    })
  })

  it('does not blame a camera for a fault it has recovered from', () => {
    const silent = stream('silent', { fault: { code: 'source-timeout', message: '', at: '' } })
    expect(status({ health: health(silent), player: 'stalled' }).reason).toBeNull()
  })

  it('names the player’s own trouble when the camera is fine', () => {
    const failed = status({ player: 'failed', failureCode: 'stream-has-b-frames', retryAt: 130_000, tick: 100_000 })
    expect(failed).toMatchObject({ word: 'noView', reason: { family: 'problem', code: 'stream-has-b-frames' }, retryInS: 30 })
  })

  it('is locked, not broken, while a purpose or a right is missing', () => {
    const locked = status({ player: 'failed', failureCode: 'purpose-required' })
    expect(locked).toMatchObject({ word: 'locked', reason: { family: 'problem', code: 'purpose-required' } })
    expect(status({ player: 'failed', failureCode: 'not-allowed' }).word).toBe('locked')
  })

  it('names masks that cannot be loaded although the stream itself is live', () => {
    const hidden = stream('live', { fault: { code: 'masks-unavailable', message: '', at: '' } })
    expect(status({ health: health(hidden), player: 'waiting', failureCode: 'masks-unavailable' })).toMatchObject({
      word: 'noView',
      reason: { family: 'fault', code: 'masks-unavailable' },
    })
  })

  it('never counts down below zero', () => {
    const late = stream('waiting', { retry_at: '2026-11-21T11:59:00Z' })
    expect(status({ health: health(late), player: 'waiting' }).retryInS).toBe(0)
  })
})

describe('what a camera is called', () => {
  it('is frozen, not live, while its picture does not change', () => {
    const frozen = { ...health(stream('live')), frozen: true }
    expect([healthWord(frozen), healthWord(health(stream('live')))]).toEqual(['frozen', 'live'])
    expect([tileWord('live', frozen), tileWord('silent', frozen)]).toEqual(['frozen', 'silent'])
  })

  it('is quarantined where we leave it alone, refused where the camera refuses', () => {
    const told = ['quarantined', 'credentials-refused'].map((code) => health(stream('refused', { fault: { code, message: '', at: '' } })))
    expect(told.map(healthWord)).toEqual(['quarantined', 'refused'])
    expect(status({ health: told[0], player: 'waiting' }).word).toBe('quarantined')
  })
})

describe('the streams asked for', () => {
  const camera = (sub: CameraState | null, main: CameraState = 'live') =>
    ({
      has_sub_stream: sub !== null,
      health: health(stream(main), ...(sub === null ? [] : [stream(sub, { role: 'sub' })])),
    }) as Camera

  it('begin with the wanted one', () => {
    expect(streamOrder(camera('live'), 'sub')).toEqual(['sub', 'main'])
    expect(streamOrder(camera('live'), 'main')).toEqual(['main', 'sub'])
  })

  it('are the main stream alone where there is no other', () => {
    expect(streamOrder(camera(null), 'sub')).toEqual(['main'])
  })

  it('begin with the other one while the wanted one is down', () => {
    expect(streamOrder(camera('refused'), 'sub')).toEqual(['main', 'sub'])
    expect(streamOrder(camera('refused', 'waiting'), 'sub')).toEqual(['sub', 'main'])
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { LivePlayer } from '@/live/player'
import { created, FakeBrowser, FakeSurface, refused, settle } from './fakeBrowser'

const ADDRESS = '/api/v1/cameras/c/whep?stream=main'
const SUB = '/api/v1/cameras/c/whep?stream=sub'
const target = (whep: string) => ({ whep, mse: whep.replace('/whep', '/live') })

let browser: FakeBrowser
let surface: FakeSurface
let seen: string[]
let player: LivePlayer

beforeEach(() => {
  browser = new FakeBrowser()
  surface = new FakeSurface()
  seen = []
  player = new LivePlayer(browser, surface, {
    onChange: () => seen.push(player.state),
    onFrame: () => undefined,
    onTracks: (text) => seen.push(`tracks ${text}`),
    onStrain: (isStrained) => seen.push(`strained ${isStrained}`),
  })
})

async function playing(): Promise<void> {
  browser.answers = [created]
  player.play([target(ADDRESS)])
  await settle()
  surface.frame()
}

describe('the player', () => {
  it('is playing only when the first frame was shown, and says how long that took', async () => {
    browser.answers = [created]
    player.play([target(ADDRESS)])
    await settle()
    expect(player.state).toBe('connecting')
    await browser.advance(240)
    surface.frame()
    expect(player.state).toBe('playing')
    expect(player.firstPictureMs).toBe(240)
  })

  it('asks for a lossy data channel for the boxes and hands on its texts', async () => {
    await playing()
    const channel = browser.peers[0]?.channels[0]
    expect(channel).toMatchObject({ label: 'tracks', init: { ordered: false, maxRetransmits: 0 } })
    channel?.target.dispatchEvent(new MessageEvent('message', { data: '{}' }))
    expect(seen).toContain('tracks {}')
  })

  it('wants no picture held back for an even course', async () => {
    await playing()
    expect(browser.peers[0]?.receiver.jitterBufferTarget).toBe(0)
  })

  it('is stalled after three seconds without a frame and plays on when frames return', async () => {
    await playing()
    await browser.advance(2_400)
    expect(player.state).toBe('playing')
    await browser.advance(1_200)
    expect(player.state).toBe('stalled')
    surface.frame()
    expect(player.state).toBe('playing')
    expect(browser.posts()).toHaveLength(1)
  })

  it('reconnects by itself when the stall lasts, and deletes the old session', async () => {
    await playing()
    browser.answers = [created]
    await browser.advance(6_500)
    expect(player.state).toBe('waiting')
    expect(browser.requests.at(-1)).toEqual({ address: '/api/v1/cameras/c/whep/v1', method: 'DELETE' })
    await browser.advance(1_500)
    surface.frame()
    expect(player.state).toBe('playing')
  })

  it('waits as long as Retry-After says', async () => {
    browser.answers = [() => refused(409, 'camera-not-live', 5), created]
    player.play([target(ADDRESS)])
    await settle()
    expect(player.state).toBe('waiting')
    expect(player.failure?.code).toBe('camera-not-live')
    expect(player.retryAt).toBe(browser.now() + 5_000)
    await browser.advance(4_900)
    expect(browser.posts()).toHaveLength(1)
    await browser.advance(200)
    expect(browser.posts()).toHaveLength(2)
  })

  it('backs off from one to ten seconds while nobody answers, and never stops trying', async () => {
    player.play([target(ADDRESS)])
    await settle()
    const waits: number[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      const wait = (player.retryAt ?? 0) - browser.now()
      waits.push(wait)
      await browser.advance(wait)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('shows another stream of the camera when the first cannot be shown in a browser', async () => {
    browser.answers = [() => refused(409, 'stream-has-b-frames'), created]
    player.play([target(ADDRESS), target(SUB)])
    await settle()
    surface.frame()
    expect(browser.posts()).toEqual([ADDRESS, SUB])
    expect(player.state).toBe('playing')
  })

  it('says so when no stream can be shown, and tries again in a minute', async () => {
    browser.answers = [() => refused(409, 'stream-has-b-frames'), () => refused(409, 'codec-not-viewable')]
    player.play([target(ADDRESS), target(SUB)])
    await settle()
    expect(player.state).toBe('failed')
    expect(player.failure?.code).toBe('codec-not-viewable')
    browser.answers = [created]
    await browser.advance(60_100)
    surface.frame()
    expect(player.state).toBe('playing')
  })

  it('asks no other stream when a purpose is wanted first, and plays as soon as it was stated', async () => {
    browser.answers = [() => refused(403, 'purpose-required'), created]
    player.play([target(ADDRESS), target(SUB)])
    await settle()
    expect([player.state, player.failure?.code, browser.posts()]).toEqual(['failed', 'purpose-required', [ADDRESS]])
    player.wake()
    await settle()
    surface.frame()
    expect([player.state, browser.posts()]).toEqual(['playing', [ADDRESS, ADDRESS]])
  })

  it('reconnects when the peer connection fails', async () => {
    await playing()
    browser.peers[0]?.fail()
    expect(player.state).toBe('waiting')
    expect(browser.peers[0]?.isClosed).toBe(true)
  })

  it('tries at once when it is woken', async () => {
    browser.answers = [() => refused(503, 'node-unavailable', 30), created]
    player.play([target(ADDRESS)])
    await settle()
    player.wake()
    await settle()
    surface.frame()
    expect(player.state).toBe('playing')
  })

  it('takes silence in a hidden tab for nothing', async () => {
    await playing()
    browser.hidden = true
    await browser.advance(30_000)
    expect(player.state).toBe('playing')
  })

  it('lets go of its session when paused, and comes back when woken', async () => {
    await playing()
    player.pause()
    expect(player.state).toBe('idle')
    expect(browser.requests.at(-1)?.method).toBe('DELETE')
    browser.answers = [created]
    player.wake()
    await settle()
    surface.frame()
    expect(player.state).toBe('playing')
  })

  it('deletes a session whose answer comes after it was closed', async () => {
    let answer = () => {}
    browser.answersAfter = new Promise((resolve) => (answer = resolve))
    browser.answers = [created]
    player.play([target(ADDRESS)])
    await settle()
    player.close()
    answer()
    await settle()
    expect(browser.requests.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
    expect(player.state).toBe('closed')
    expect(surface.isCleared).toBe(true)
  })

  it('does nothing more once it is closed', async () => {
    await playing()
    player.close()
    player.wake()
    player.play([target(SUB)])
    await browser.advance(20_000)
    expect(player.state).toBe('closed')
    expect(browser.posts()).toHaveLength(1)
  })
})

import { beforeEach, describe, expect, it } from 'vitest'
import { edgeStep, EdgeMargin } from '@/live/edge'
import { LivePlayer } from '@/live/player'
import { network } from '@/live/race'
import { LineStrain, strainOf } from '@/live/strain'
import { streamForSize } from '@/live/streamChoice'
import { created, FakeBrowser, FakeSurface, offered, refused, settle } from './fakeBrowser'

const MAIN = { whep: '/whep?stream=main', mse: '/live?stream=main' }
const SUB = { whep: '/whep?stream=sub', mse: '/live?stream=sub' }

let browser: FakeBrowser
let surface: FakeSurface
let player: LivePlayer
let strained: boolean[]

beforeEach(() => {
  browser = new FakeBrowser()
  browser.codecs = ['avc1']
  surface = new FakeSurface()
  strained = []
  network.avoidWebRtcUntil = 0
  player = new LivePlayer(browser, surface, {
    onChange: () => undefined,
    onFrame: () => undefined,
    onTracks: () => undefined,
    onStrain: (isStrained) => strained.push(isStrained),
  })
})

async function play(...answers: (() => Response)[]): Promise<void> {
  browser.answers = answers
  player.play([MAIN])
  await settle()
}

describe('the race', () => {
  it('asks once where WebRTC shows a picture in time', async () => {
    await play(created)
    await browser.advance(300)
    surface.frame()
    await browser.advance(5_000)
    expect(browser.posts()).toEqual([MAIN.whep])
    expect(player.rung).toEqual({ way: 'whep', rung: 'webrtc', reason: null })
  })

  it('takes fragments where nothing comes by WebRTC, says why, and begins with them the next time', async () => {
    await play(created, offered)
    await browser.advance(1_000)
    browser.sockets[0]?.start()
    browser.sockets[0]?.picture()
    expect(browser.peers[0]?.isClosed).toBe(true)
    expect(surface.fed).toEqual(['avc1.42e01f', 1, 2])
    surface.frame()
    expect(player.state).toBe('playing')
    expect(player.rung).toEqual({ way: 'mse', rung: 'passed', reason: 'no-packets' })
    browser.answers = [offered]
    browser.sockets[0]?.ears.onClose()
    await browser.advance(1_200)
    expect(browser.posts().slice(2)).toEqual([MAIN.mse])
  })

  it('gives fragments up when WebRTC comes first after all', async () => {
    await play(created, offered)
    await browser.advance(1_200)
    surface.frame()
    browser.sockets[0]?.start()
    browser.sockets[0]?.picture()
    expect(player.rung?.way).toBe('whep')
    expect(browser.sockets[0]?.isClosed).toBe(true)
    expect(surface.fed).toEqual([])
  })

  it('goes on with fragments at once where WebRTC cannot carry the stream, and says what the server made of it', async () => {
    await play(() => refused(409, 'codec-not-viewable'), () => offered({ rung: 'encoded', reason: 'hevc' }))
    browser.sockets[0]?.start()
    browser.sockets[0]?.picture()
    surface.frame()
    expect(player.rung).toEqual({ way: 'mse', rung: 'encoded', reason: 'hevc' })
    expect(network.avoidWebRtcUntil).toBe(0)
  })

  it('names the reason of WebRTC where the server names none', async () => {
    await play(() => refused(409, 'stream-has-b-frames'), offered)
    browser.sockets[0]?.start()
    browser.sockets[0]?.picture()
    expect(player.rung?.reason).toBe('stream-has-b-frames')
  })

  it('asks no second time what the server refuses for a reason of its own', async () => {
    await play(() => refused(503, 'too-many-views', 5))
    expect(player.state).toBe('waiting')
    expect(browser.posts()).toHaveLength(1)
    expect((player.retryAt ?? 0) - browser.now()).toBe(5_000)
  })

  it('lets one way go on when the other is refused', async () => {
    await play(created, () => refused(503, 'too-many-views', 5))
    await browser.advance(1_100)
    expect(player.state).toBe('connecting')
    surface.frame()
    expect(player.state).toBe('playing')
  })

  it('tries the other stream, then waits a minute, where neither way can show one', async () => {
    browser.answers = [1, 2, 3, 4].map(() => () => refused(409, 'codec-not-viewable'))
    player.play([MAIN, SUB])
    await settle()
    await settle()
    expect(browser.posts()).toEqual([MAIN.whep, MAIN.mse, SUB.whep, SUB.mse])
    expect(player.state).toBe('failed')
    await browser.advance(59_000)
    expect(browser.posts()).toHaveLength(4)
  })

  it('asks again without H.265 where the browser does not take that profile', async () => {
    browser.codecs = ['avc1', 'hvc1']
    await play(() => refused(409, 'codec-not-viewable'), offered, () => offered({ rung: 'encoded', reason: 'hevc' }))
    browser.codecs = ['avc1']
    browser.sockets[0]?.ears.onText(JSON.stringify({ type: 'start', codec: 'hvc1.2.4.L153.B0' }))
    await settle()
    browser.sockets[1]?.start()
    browser.sockets[1]?.picture()
    expect(browser.sockets[0]?.isClosed).toBe(true)
    expect(player.rung?.rung).toBe('encoded')
  })

  it('tells the server what has come', async () => {
    await play(() => refused(409, 'stream-has-b-frames'), offered)
    browser.sockets[0]?.start()
    for (let picture = 0; picture < 12; picture += 1) browser.sockets[0]?.picture()
    expect(browser.sockets[0]?.sent).toEqual(['{"got":1}', '{"got":5}', '{"got":10}'])
  })

  it('ends a view by fragments that was granted after it had been given up', async () => {
    await play(() => refused(409, 'stream-has-b-frames'))
    let answer: () => void = () => undefined
    browser.answersAfter = new Promise((resolve) => (answer = resolve))
    browser.answers = [() => refused(409, 'stream-has-b-frames'), offered]
    player.wake()
    player.close()
    answer()
    await settle()
    expect(browser.sockets).toEqual([])
  })
})

describe('the live edge', () => {
  const facts = { start: 0, end: 10, position: 9.94, interval: 0.04, margin: 0 }

  it('plays on where it is well', () => expect(edgeStep(facts)).toEqual({ seekTo: null, rate: 1, trimTo: null }))
  it('hurries when it has fallen behind', () => expect(edgeStep({ ...facts, position: 9.8 }).rate).toBe(1.1))
  it('waits a little when it is too near', () => expect(edgeStep({ ...facts, position: 9.97 }).rate).toBe(0.9))
  it('jumps when it is far behind', () => expect(edgeStep({ ...facts, position: 5 }).seekTo).toBeCloseTo(9.94))
  it('jumps over a gap', () => expect(edgeStep({ ...facts, start: 9.9, position: 3 }).seekTo).toBeCloseTo(9.94))
  it('lets go of what was shown long ago', () => expect(edgeStep({ ...facts, end: 20, position: 19.94 }).trimTo).toBeCloseTo(14.94))
  it('keeps more distance on a line that starves, for a while', () => {
    const margin = new EdgeMargin()
    expect(margin.at(0)).toBe(0)
    margin.starved(0)
    margin.starved(1)
    const wide = margin.at(2)
    expect(wide).toBeGreaterThan(0.03)
    expect(margin.at(20_000)).toBeLessThan(wide)
    for (let time = 0; time < 60; time += 1) margin.at(40_000 + time * 11_000)
    expect(margin.at(900_000)).toBe(0)
  })
})

describe('the strain of a line', () => {
  const report = (received: number, lost: number): [string, unknown][] => [['v', { type: 'inbound-rtp', kind: 'video', packetsReceived: received, packetsLost: lost, freezeCount: 0 }]]

  it('is there after two bad looks, stays for its time, and longer when it comes back soon', () => {
    const changes: [boolean, number][] = []
    let now = 0
    const strain = new LineStrain((isStrained) => changes.push([isStrained, now]))
    const pass = (seconds: number, lossPerSecond: number, from: number): number => {
      let lost = from
      for (let second = 0; second < seconds; second += 1) {
        now += 1_000
        lost += lossPerSecond
        strain.ease(now)
        strain.weigh(strainOf(report(now, lost)), now)
      }
      return lost
    }
    let lost = pass(10, 0, 0)
    expect(changes).toEqual([])
    lost = pass(8, 200, lost)
    expect(changes.map(([is]) => is)).toEqual([true])
    lost = pass(60, 0, lost)
    expect(changes.map(([is]) => is)).toEqual([true, false])
    lost = pass(8, 200, lost)
    lost = pass(100, 0, lost)
    const [first, second, third, fourth] = changes.map(([, at]) => at)
    expect((fourth ?? 0) - (third ?? 0)).toBeGreaterThan(1.5 * ((second ?? 0) - (first ?? 0)))
  })

  it('is heard by the player of a WebRTC view', async () => {
    await play(created)
    surface.frame()
    for (let second = 0; second < 12; second += 1) {
      browser.peers[0]?.stats.set('v', { type: 'inbound-rtp', kind: 'video', packetsReceived: 100 * second, packetsLost: 30 * second, freezeCount: 0 })
      await browser.advance(1_000)
      surface.frame()
    }
    expect(strained).toEqual([true])
  })
})

describe('the stream of a tile', () => {
  it('follows its size and does not swing', () => {
    expect(streamForSize(200, 360, 'main')).toBe('sub')
    expect(streamForSize(800, 360, 'sub')).toBe('main')
    expect(streamForSize(450, 360, 'main')).toBe('main')
    expect(streamForSize(450, 360, 'sub')).toBe('sub')
    expect(streamForSize(450, null, 'sub')).toBe('sub')
  })
})

import { describe, expect, it } from 'vitest'
import type { MapCameras } from '@/api/overview'
import { CELL, clusterAt, clustersAt, fieldOf, onPlane, spotsOf, worldPixels, type Spot } from '@/overview/clusters'

const spot = (id: string, x: number, y: number, state: Spot['state'] = 'online'): Spot => ({ id, x, y, state })

/** Numbers without chance, so that a failure can be repeated. */
function numbers(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48271) % 2147483647) / 2147483647
}

function town(count: number): Spot[] {
  const next = numbers(7)
  return Array.from({ length: count }, (_, index) => spot(String(index), 0.81 + next() * 0.001, 0.41 + next() * 0.001, index % 9 === 0 ? 'offline' : 'online'))
}

describe('the plane of the map', () => {
  it('is that of the tiles', () => {
    expect(onPlane(0, 0)).toEqual({ x: 0.5, y: 0.5 })
    // Tile 3/6/3 of the usual numbering holds Beijing: 39.9 N 116.4 E.
    const { x, y } = onPlane(39.9, 116.4)
    expect([Math.floor(x * 8), Math.floor(y * 8)]).toEqual([6, 3])
    // By hand: atanh(sin 60 degrees) / (2 pi) = 0.20960 above the middle.
    expect(onPlane(60, -180).y).toBeCloseTo(0.5 - 0.2096, 4)
  })

  it('takes the server’s short rows apart', () => {
    const told: MapCameras = { states: ['online', 'offline'], cameras: [['a', 0, 0, 1]], unplaced: 3 }
    expect(spotsOf(told)).toEqual([{ id: 'a', x: 0.5, y: 0.5, state: 'offline' }])
  })
})

describe('groups of cameras', () => {
  it('hold every camera once, at every zoom', () => {
    const spots = town(3000)
    for (let zoom = 3; zoom <= 20; zoom += 1) {
      const found = clustersAt(spots, zoom)
      expect(found.flatMap((cluster) => cluster.spots.map(({ id }) => id)).sort()).toEqual(spots.map(({ id }) => id).sort())
      for (const { spots: held, counts } of found) expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(held.length)
      expect(found.reduce((sum, { counts }) => sum + counts.offline, 0)).toBe(334)
    }
  })

  it('are few from afar, and nobody is grouped who stands alone from near', () => {
    const spots = [spot('a', 0.5, 0.5), spot('b', 0.5 + 30 / worldPixels(17), 0.5), spot('c', 0.5, 0.5, 'offline')]
    expect(clustersAt(spots, 5).map(({ spots: held }) => held.length)).toEqual([3])
    expect(clustersAt(spots, 17).map(({ spots: held }) => held.map(({ id }) => id).join())).toEqual(['a,c', 'b'])
  })

  it('do not change when others far away do', () => {
    const spots = town(500)
    const withOther = clustersAt([...spots, spot('far', 0.1, 0.1)], 14)
    expect(withOther.filter(({ spots: held }) => held[0]?.id !== 'far')).toEqual(clustersAt(spots, 14))
  })

  it('have their mark among their cameras, and never touch', () => {
    for (const zoom of [9, 11, 12]) {
      const groups = clustersAt(town(3000), zoom).filter(({ spots: held }) => held.length > 1)
      const apart = groups.flatMap((one, index) => groups.slice(index + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y) * worldPixels(zoom)))
      expect(apart.reduce((least, one) => Math.min(least, one), Infinity)).toBeGreaterThan(52)
    }
    // The cell of both begins at a multiple of 80 pixels; 40 and 50 pixels into it, their mark is at 45.
    const pixels = worldPixels(10)
    const [group] = clustersAt([spot('a', (80 * 1600 + 40) / pixels, 0.5), spot('b', (80 * 1600 + 50) / pixels, 0.5)], 10)
    expect((group?.x ?? 0) * pixels).toBeCloseTo(80 * 1600 + 45, 6)
  })
})

describe('a click', () => {
  it('finds the nearest mark within reach, and nothing beside it', () => {
    const found = clustersAt([spot('a', 0.5, 0.5), spot('b', 0.5 + (2 * CELL) / worldPixels(10), 0.5)], 10)
    const pixels = worldPixels(10)
    expect(clusterAt(found, 0.5 + 10 / pixels, 0.5, 24 / pixels)?.spots[0]?.id).toBe('a')
    expect(clusterAt(found, 0.5 + CELL / pixels, 0.5, 24 / pixels)).toBeUndefined()
  })

  it('has a field to go to where there are cameras', () => {
    expect(fieldOf([])).toBeNull()
    expect(fieldOf([spot('a', 0.2, 0.7), spot('b', 0.4, 0.1)])).toEqual({ left: 0.2, top: 0.1, right: 0.4, bottom: 0.7 })
  })
})

import type { Tour } from '@/api/patrolPlan'

/** Cameras that the wall shows together, and for how long. */
export interface TourPage {
  cameraIds: (string | null)[]
  dwellS: number
}

/** Where a tour stands; the wall goes on there after a reload. */
export interface TourPlace {
  planId: string
  page: number
  isHeld: boolean
}

export const isTourPlace = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && typeof (value as TourPlace).planId === 'string' && Number.isInteger((value as TourPlace).page))

/** The tour page by page: as long as the longest of its stops. Where fewer cameras are left, tiles stay empty. */
export function tourPages({ stops, grid }: Pick<Tour, 'stops' | 'grid'>): TourPage[] {
  const pages: TourPage[] = []
  for (let first = 0; first < stops.length; first += grid) {
    const here = stops.slice(first, first + grid)
    const cameraIds = Array.from({ length: grid }, (_, index) => here[index]?.camera_id ?? null)
    pages.push({ cameraIds, dwellS: Math.max(...here.map(({ dwell_s }) => dwell_s)) })
  }
  return pages
}

/** Another page of so many, around the ends. */
export const turned = (page: number, by: number, count: number): number => (count === 0 ? 0 : (((page + by) % count) + count) % count)

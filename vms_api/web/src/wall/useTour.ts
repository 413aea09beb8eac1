import { computed, onMounted, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { listTours, type Tour } from '@/api/patrolPlan'
import { tickMs } from '@/state/clock'
import { may } from '@/state/me'
import { stored } from '@/state/stored'
import { isTourPlace, tourPages, turned, type TourPage, type TourPlace } from '@/wall/tour'

export interface WallTour {
  tours: ShallowRef<readonly Tour[]>
  place: Ref<TourPlace | null>
  tour: ComputedRef<Tour | null>
  page: ComputedRef<TourPage | null>
  pageCount: ComputedRef<number>
  leftS: ComputedRef<number>
  /** An alert or somebody's look keeps this page. */
  isKept: ComputedRef<boolean>
  start(planId: string): void
  stop(): void
  step(by: number): void
  hold(): void
}

/** The wall as a tour of a plan: page after page, each for its dwell; it stands while `keeps` says so, and remembers
 * where it was. Presets are not gone to: what a wall shows moves no camera. */
export function useTour(keeps: (cameraIds: readonly (string | null)[]) => boolean): WallTour {
  const tours = shallowRef<readonly Tour[]>([])
  const place = stored<TourPlace | null>('tour', null, isTourPlace)
  const shownMs = ref(0)

  const tour = computed(() => tours.value.find(({ plan_id }) => plan_id === place.value?.planId) ?? null)
  const pages = computed(() => (tour.value === null ? [] : tourPages(tour.value)))
  const page = computed(() => pages.value[Math.min(place.value?.page ?? 0, pages.value.length - 1)] ?? null)
  const isKept = computed(() => page.value !== null && keeps(page.value.cameraIds))
  const leftS = computed(() => Math.max(0, Math.ceil((page.value?.dwellS ?? 0) - shownMs.value / 1000)))

  function step(by: number): void {
    if (place.value === null) return
    shownMs.value = 0
    place.value = { ...place.value, page: turned(place.value.page, by, pages.value.length) }
  }

  function start(planId: string): void {
    shownMs.value = 0
    place.value = { planId, page: 0, isHeld: false }
  }

  watch(tickMs, (now, before) => {
    if (page.value === null || isKept.value || place.value?.isHeld === true) return
    shownMs.value += now - before
    if (shownMs.value >= page.value.dwellS * 1000) step(1)
  })
  onMounted(async () => {
    if (may('patrol.view')) tours.value = await listTours().catch(() => []) // The wall itself needs no tours.
  })

  return {
    tours,
    place,
    tour,
    page,
    pageCount: computed(() => pages.value.length),
    leftS,
    isKept,
    start,
    step,
    stop: () => (place.value = null),
    hold: () => place.value !== null && (place.value = { ...place.value, isHeld: !place.value.isHeld }),
  }
}

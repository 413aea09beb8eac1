import { computed, onBeforeUnmount, type ComputedRef } from 'vue'
import { arrivalOf, recent, stormOf, type Arrival, type Storm } from '@/alerts/storm'
import { nowMs } from '@/state/clock'
import { hearAlerts } from '@/state/feed'

/** The storm that is on, told once a second; null while there is none. */
export function useStorm(): ComputedRef<Storm | null> {
  let arrivals: Arrival[] = []
  const stopHearing = hearAlerts({
    onRaised: (alert) => arrivals.push(arrivalOf(alert, Date.now())),
    onUpdated: () => undefined,
    onReload: () => undefined,
  })
  onBeforeUnmount(stopHearing)
  return computed(() => {
    arrivals = [...recent(arrivals, nowMs.value)]
    return stormOf(arrivals)
  })
}

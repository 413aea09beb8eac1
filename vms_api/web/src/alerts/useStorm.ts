import { computed, onBeforeUnmount, type ComputedRef } from 'vue'
import { recent, stormOf, withTold, type Arrival, type Storm, type Told } from '@/alerts/storm'
import { nowMs } from '@/state/clock'
import { hearAlerts } from '@/state/feed'

/** The storm that is on, told once a second; null while there is none. */
export function useStorm(): ComputedRef<Storm | null> {
  let arrivals: readonly Arrival[] = []
  const told = new Map<string, Told>()
  const stopHearing = hearAlerts({
    onRaised: ({ camera_name }) => (arrivals = [...recent(arrivals, Date.now()), { atMs: Date.now(), cameraName: camera_name }]),
    onUpdated: () => undefined,
    onStorm: ({ rule_id, camera_name }, perMinute) => told.set(rule_id, { atMs: Date.now(), cameraName: camera_name, perMinute }),
    onReload: () => undefined,
  })
  onBeforeUnmount(stopHearing)
  return computed(() => withTold(stormOf(recent(arrivals, nowMs.value)), recentOf(told, nowMs.value)))
}

/** What was told lately; what is over is forgotten. */
function recentOf(told: Map<string, Told>, now: number): readonly Told[] {
  for (const [rule, one] of told) if (recent([one], now).length === 0) told.delete(rule)
  return [...told.values()]
}

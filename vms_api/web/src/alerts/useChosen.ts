import { shallowRef, watch, type Ref } from 'vue'
import { MOST_AT_ONCE, type Alert } from '@/api/alert'

/** The alerts that are to be handled together, by their ids. */
export interface Chosen {
  chosen: Readonly<Ref<ReadonlyMap<string, Alert>>>
  turn(alert: Alert): void
  /** Adds these, as far as so many can be handled at once. */
  add(alerts: readonly Alert[]): void
  /** What was done about these is done. */
  drop(ids: readonly string[]): void
  clear(): void
}

/** Nothing stays chosen when the list becomes another one: what is not seen is not acted upon. */
export function useChosen(list: () => unknown): Chosen {
  const chosen = shallowRef<ReadonlyMap<string, Alert>>(new Map())
  const clear = () => (chosen.value = new Map())

  function turn(alert: Alert): void {
    const next = new Map(chosen.value)
    if (!next.delete(alert.id) && next.size < MOST_AT_ONCE) next.set(alert.id, alert)
    chosen.value = next
  }

  function add(alerts: readonly Alert[]): void {
    chosen.value = new Map([...chosen.value, ...alerts.map((alert): [string, Alert] => [alert.id, alert])].slice(0, MOST_AT_ONCE))
  }

  function drop(ids: readonly string[]): void {
    chosen.value = new Map([...chosen.value].filter(([id]) => !ids.includes(id)))
  }

  watch(list, clear)
  return { chosen, turn, add, drop, clear }
}

import { shallowRef, watch, type Ref } from 'vue'
import { MOST_AT_ONCE } from '@/api/alert'

/** What is to be handled together, by the ids: alerts, or tickets. */
export interface Chosen<T> {
  chosen: Readonly<Ref<ReadonlyMap<string, T>>>
  turn(one: T): void
  /** Adds these, as far as so many can be handled at once. */
  add(some: readonly T[]): void
  /** What was done about these is done. */
  drop(ids: readonly string[]): void
  clear(): void
}

/** Nothing stays chosen when the list becomes another one: what is not seen is not acted upon. */
export function useChosen<T extends { id: string }>(list: () => unknown): Chosen<T> {
  const chosen = shallowRef<ReadonlyMap<string, T>>(new Map())
  const clear = () => (chosen.value = new Map())

  function turn(one: T): void {
    const next = new Map(chosen.value)
    if (!next.delete(one.id) && next.size < MOST_AT_ONCE) next.set(one.id, one)
    chosen.value = next
  }

  function add(some: readonly T[]): void {
    chosen.value = new Map([...chosen.value, ...some.map((one): [string, T] => [one.id, one])].slice(0, MOST_AT_ONCE))
  }

  function drop(ids: readonly string[]): void {
    chosen.value = new Map([...chosen.value].filter(([id]) => !ids.includes(id)))
  }

  watch(list, clear)
  return { chosen, turn, add, drop, clear }
}

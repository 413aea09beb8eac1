import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { readRates, type Rate, type RateValue } from '@/api/rate'
import { lastDays, siteToday } from '@/rates/window'
import { verdictOf } from '@/rates/words'

/** Of how many days the rates are told beside what is wrong now. */
export const RATED_DAYS = 7

export interface Targets {
  met: number
  /** How many rates have both a number and a target. */
  told: number
  missed: Rate[]
}

export function targetsOf(rates: readonly RateValue[]): Targets {
  const of = (verdict: 'met' | 'missed') => rates.filter((value) => verdictOf(value) === verdict).map(({ rate }) => rate)
  const [met, missed] = [of('met'), of('missed')]
  return { met: met.length, told: met.length + missed.length, missed }
}

/** How many targets an area met in the last days, which change once a night; null before that is known. */
export function useTargets(areaId: () => string, mayRead: () => boolean): ComputedRef<Targets | null> {
  const rates = shallowRef<readonly RateValue[] | null>(null)
  async function load(): Promise<void> {
    const asked = areaId()
    if (!mayRead()) return
    const { first, last } = lastDays(siteToday(), RATED_DAYS)
    const found = await readRates({ from: first, to: last, area_id: asked || undefined }).catch(() => null) // The page of rates says why.
    if (asked === areaId()) rates.value = found?.rates ?? null
  }
  watch([areaId, mayRead], () => void load(), { immediate: true })
  return computed(() => rates.value && targetsOf(rates.value))
}

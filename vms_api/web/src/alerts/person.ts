import { computed } from 'vue'
import type { Person } from '@/alerts/acts'
import { centreAbove, isTopArea, mayIn } from '@/state/areas'
import { me } from '@/state/me'

/** Who sits at this desk. */
export const person = computed<Person>(() => ({ id: me.value?.id ?? '', may: mayIn, above: centreAbove, isTop: isTopArea }))

import type { ProhibitedPlace } from '@/api/ledger'

const kindsBy = (places: readonly ProhibitedPlace[], by: ProhibitedPlace['by']): string[] => places.filter((place) => place.by === by).map(({ kind }) => kind)

/** What the law prohibits: fixed. */
export const byLaw = (places: readonly ProhibitedPlace[]): string[] => kindsBy(places, 'law')

/** What the site has added. */
export const bySite = (places: readonly ProhibitedPlace[]): string[] => kindsBy(places, 'site')

/** Whether two choices are the same, in whatever order. */
export const sameKinds = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((kind) => b.includes(kind))

import type { AreaCompleteness } from '@/api/ledger'

/** Rounded down: only what is whole is a hundred per cent. */
export const percent = (rate: number): number => Math.floor(rate * 100 + 1e-6)

/** What stands for an area without cameras. */
export const NO_RATE = '—'

export const rateText = ({ cameras, complete, rate }: AreaCompleteness): string =>
  cameras === 0 || rate === null ? NO_RATE : `${complete}/${cameras} · ${percent(rate)}%`

import type { Standing } from '@/api/overview'

/** One shape for each standing, in a square of 16: none is told by colour alone. */
export const SHAPES: Record<Standing, string> = {
  online: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z',
  impaired: 'M8 1l7.500 13.500H.500z',
  offline: 'M5.300 1h5.400L15 5.300v5.400L10.700 15H5.300L1 10.700V5.300zM4 6.700v2.600h8V6.700z',
  unknown: 'M8 .500l7.500 7.500L8 15.500.500 8zM8 4.300L4.300 8 8 11.700 11.700 8z',
  disabled: 'M2 2h12v12H2zm2.500 2.500v7h7v-7z',
}

/** The variables of the theme in which they are drawn. */
export const COLOURS: Record<Standing, string> = {
  online: '--live',
  impaired: '--warn',
  offline: '--bad',
  unknown: '--quiet',
  disabled: '--dim',
}

/** What wants somebody: these stand out of a group. */
export const FAULTY: ReadonlySet<Standing> = new Set(['impaired', 'offline'])

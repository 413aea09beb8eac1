/** The rows of a long list that are drawn: `from` up to, not including, `to`. */
export interface Rows {
  from: number
  to: number
}

/** Rows drawn beyond both edges, so that a turn of the wheel shows no hole. */
const SPARE = 4

/** Which of `count` rows, each `rowPx` high, a list of that height shows when it is scrolled so far. */
export function rowsShown(count: number, scrollPx: number, heightPx: number, rowPx: number): Rows {
  const from = Math.max(0, Math.floor(scrollPx / rowPx) - SPARE)
  const to = Math.min(count, Math.ceil((scrollPx + heightPx) / rowPx) + SPARE)
  return { from: Math.min(from, to), to }
}

/** How far to scroll so that a row is wholly seen; as far as now when it is. */
export function scrollTo(index: number, scrollPx: number, heightPx: number, rowPx: number): number {
  const top = index * rowPx
  if (top < scrollPx) return top
  return Math.max(scrollPx, top + rowPx - heightPx)
}

/** Which row must not move while others come in above: the selected one where it is seen, else the first that is. */
export function anchorOf(selected: number, scrollPx: number, heightPx: number, rowPx: number): number {
  const isSeen = (selected + 1) * rowPx > scrollPx && selected * rowPx < scrollPx + heightPx
  return selected >= 0 && isSeen ? selected : Math.floor(scrollPx / rowPx)
}

import { STANDINGS, type Standing } from '@/api/overview'
import type { Cluster } from '@/overview/clusters'
import { COLOURS, FAULTY, SHAPES } from '@/overview/marks'

/** Pixels from the middle of a mark to its edge. */
export const MARK = 9
const RING = 3
const SMALLEST = 14
const LARGEST = 26

export interface Palette {
  marks: Record<Standing, string>
  surface: string
  text: string
  accent: string
  font: string
}

/** A group grows with what it holds, slowly: ten times as many are a few pixels more. */
export const radiusOf = ({ spots }: Cluster): number => (spots.length === 1 ? MARK : Math.min(LARGEST, SMALLEST + 4 * Math.log10(spots.length)))

export function paletteOf(element: HTMLElement): Palette {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(name).trim()
  const marks = Object.fromEntries(STANDINGS.map((state) => [state, read(COLOURS[state])])) as Record<Standing, string>
  return { marks, surface: read('--surface'), text: read('--text'), accent: read('--accent'), font: read('--font') }
}

const paths = new Map<Standing, Path2D>()
const pathOf = (state: Standing): Path2D => {
  const path = paths.get(state) ?? new Path2D(SHAPES[state])
  paths.set(state, path)
  return path
}

/** Draws a group: a ring that is parted as its cameras stand, their number, and in a corner how many are at fault. */
export function paintCluster(context: CanvasRenderingContext2D, cluster: Cluster, x: number, y: number, palette: Palette): void {
  const [only] = cluster.spots
  if (cluster.spots.length === 1 && only !== undefined) paintMark(context, only.state, x, y, MARK, palette)
  else {
    const radius = radiusOf(cluster)
    paintRing(context, cluster, x, y, radius, palette)
    context.fillStyle = palette.text
    context.fillText(String(cluster.spots.length), x, y + 0.5)
    paintFaults(context, cluster, x + radius * 0.75, y - radius * 0.75, palette)
  }
}

export function paintMark(context: CanvasRenderingContext2D, state: Standing, x: number, y: number, radius: number, palette: Palette): void {
  const scale = (radius * 2) / 16
  context.save()
  context.translate(x - radius, y - radius)
  context.scale(scale, scale)
  context.lineWidth = 3 / scale
  context.strokeStyle = palette.surface
  context.stroke(pathOf(state))
  context.fillStyle = palette.marks[state]
  context.fill(pathOf(state), 'evenodd')
  context.restore()
}

function paintRing(context: CanvasRenderingContext2D, { spots, counts }: Cluster, x: number, y: number, radius: number, palette: Palette): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = palette.surface
  context.fill()
  context.lineWidth = RING
  let from = -Math.PI / 2
  for (const state of STANDINGS) {
    if (counts[state] === 0) continue
    const to = from + (counts[state] / spots.length) * 2 * Math.PI
    context.beginPath()
    context.arc(x, y, radius - RING / 2, from, to)
    context.strokeStyle = palette.marks[state]
    context.stroke()
    from = to
  }
}

function paintFaults(context: CanvasRenderingContext2D, { counts }: Cluster, x: number, y: number, palette: Palette): void {
  const faulty = [...FAULTY].reduce((sum, state) => sum + counts[state], 0)
  if (faulty === 0) return
  const worst: Standing = counts.offline > 0 ? 'offline' : 'impaired'
  const text = faulty > 999 ? '999+' : String(faulty)
  const width = 10 + text.length * 7
  context.beginPath()
  context.roundRect(x - width / 2, y - 8, width, 16, worst === 'offline' ? 3 : 8)
  context.fillStyle = palette.marks[worst]
  context.fill()
  context.strokeStyle = palette.surface
  context.lineWidth = 1.5
  context.stroke()
  context.fillStyle = palette.surface
  context.fillText(text, x, y + 0.5)
}

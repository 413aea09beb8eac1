import type { Severity } from '@/api/rule'
import { msPerPixel, ticks, xOf, type TimeScale } from '@/playback/scale'
import type { Mark, Stretch } from '@/playback/spans'

/** The tokens of the theme that the timeline wears. */
export interface Inks {
  ground: string
  line: string
  text: string
  quiet: string
  recorded: string
  event: string
  gap: string
  withheld: string
  severity: Record<Severity, string>
}

/** Writes a mark of the axis. */
export type AxisWord = (atMs: number, stepMs: number, isDay: boolean) => string

export interface Lane {
  stretches: readonly Stretch[]
  marks: readonly Mark[]
}

export const AXIS_PX = 24
export const LANE_PX = 26
const BAR_PX = 14
const MARK_PX = 5
/** Narrower than this, hatching cannot be seen. */
const THIN_PX = 6

export const heightFor = (lanes: number): number => AXIS_PX + Math.max(1, lanes) * LANE_PX

/** Reads the theme where the canvas stands. */
export function inksOf(element: Element): Inks {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    ...{ ground: token('--raised'), line: token('--line'), text: token('--text'), quiet: token('--quiet') },
    ...{ recorded: token('--accent'), event: token('--live'), gap: token('--bad'), withheld: token('--warn') },
    severity: { low: token('--severity-low'), medium: token('--severity-medium'), high: token('--severity-high') },
  }
}

/** Everything that does not move with the playing head. */
export function paintTimeline(
  canvas: CanvasRenderingContext2D,
  scale: TimeScale,
  lanes: readonly Lane[],
  inks: Inks,
  wordOf: AxisWord,
): void {
  canvas.clearRect(0, 0, scale.width, heightFor(lanes.length))
  paintAxis(canvas, scale, heightFor(lanes.length), inks, wordOf)
  lanes.forEach((lane, index) => {
    const top = AXIS_PX + index * LANE_PX + (LANE_PX - BAR_PX) / 2
    canvas.fillStyle = inks.ground
    canvas.fillRect(0, top, scale.width, BAR_PX)
    // What is missing lies over what is there: seen from afar, a gap is never hidden by its neighbours.
    const isMissing = ({ kind }: Stretch) => kind === 'gap' || kind === 'withheld'
    lane.stretches.filter((stretch) => !isMissing(stretch)).forEach((stretch) => paintStretch(canvas, scale, stretch, top, inks))
    lane.stretches.filter(isMissing).forEach((stretch) => paintStretch(canvas, scale, stretch, top, inks))
    lane.marks.forEach((mark) => paintMark(canvas, xOf(scale, mark.at), top - 1, mark.severity, inks))
  })
}

function paintAxis(canvas: CanvasRenderingContext2D, scale: TimeScale, height: number, inks: Inks, wordOf: AxisWord): void {
  const offset = -new Date(scale.fromMs).getTimezoneOffset() * 60_000
  const { stepMs, marks } = ticks(scale, 84, offset)
  canvas.font = `12px ${getComputedStyle(canvas.canvas).fontFamily}`
  canvas.textBaseline = 'middle'
  for (const { atMs, isDay } of marks) {
    const x = Math.round(xOf(scale, atMs)) + 0.5
    canvas.strokeStyle = isDay ? inks.quiet : inks.line
    canvas.beginPath()
    canvas.moveTo(x, isDay ? 0 : AXIS_PX - 6)
    canvas.lineTo(x, height)
    canvas.stroke()
    canvas.fillStyle = isDay ? inks.text : inks.quiet
    canvas.fillText(wordOf(atMs, stepMs, isDay), x + 4, AXIS_PX / 2)
  }
}

// Each kind has a shape of its own beside its colour: full, hatched, a thin line, dotted.
function paintStretch(canvas: CanvasRenderingContext2D, scale: TimeScale, stretch: Stretch, top: number, inks: Inks): void {
  const left = Math.max(0, xOf(scale, stretch.from))
  const width = Math.min(scale.width, xOf(scale, stretch.to)) - left
  if (width < 0 || (width === 0 && left > 0)) return
  const wide = Math.max(width, 1)
  if (stretch.kind === 'recorded') {
    canvas.fillStyle = inks.recorded
    canvas.fillRect(left, top, wide, BAR_PX)
    if (stretch.event) fill(canvas, inks.event, left, top + BAR_PX - 3, wide, 3)
    if (stretch.damaged) hatch(canvas, inks.gap, left, top, wide, 5)
  } else if (stretch.kind === 'gap') {
    fill(canvas, inks.ground, left, top, wide, BAR_PX)
    if (wide < THIN_PX) return fill(canvas, inks.gap, left, top, Math.max(2, wide), BAR_PX)
    hatch(canvas, inks.gap, left, top, wide, 6)
    fill(canvas, inks.gap, left, top, wide, 1)
    fill(canvas, inks.gap, left, top + BAR_PX - 1, wide, 1)
  } else if (stretch.kind === 'withheld') {
    fill(canvas, inks.ground, left, top, wide, BAR_PX)
    for (let x = left; x < left + wide; x += 6) fill(canvas, inks.withheld, x, top + BAR_PX / 2 - 2, 3, 4)
  } else {
    fill(canvas, inks.quiet, left, top + BAR_PX / 2, wide, 1)
  }
}

function fill(canvas: CanvasRenderingContext2D, ink: string, left: number, top: number, width: number, height: number): void {
  canvas.fillStyle = ink
  canvas.fillRect(left, top, width, height)
}

function hatch(canvas: CanvasRenderingContext2D, ink: string, left: number, top: number, width: number, step: number): void {
  canvas.save()
  canvas.beginPath()
  canvas.rect(left, top, width, BAR_PX)
  canvas.clip()
  canvas.strokeStyle = ink
  canvas.lineWidth = 1.5
  canvas.beginPath()
  for (let x = Math.floor((left - BAR_PX) / step) * step; x < left + width; x += step) {
    canvas.moveTo(x, top + BAR_PX)
    canvas.lineTo(x + BAR_PX, top)
  }
  canvas.stroke()
  canvas.restore()
}

/** Disc, triangle, octagon: as everywhere for low, medium and high. */
function paintMark(canvas: CanvasRenderingContext2D, x: number, top: number, severity: Severity, inks: Inks): void {
  if (x < -MARK_PX || x > canvas.canvas.clientWidth + MARK_PX) return
  canvas.beginPath()
  if (severity === 'medium') {
    canvas.moveTo(x, top - MARK_PX)
    canvas.lineTo(x + MARK_PX, top + MARK_PX)
    canvas.lineTo(x - MARK_PX, top + MARK_PX)
    canvas.closePath()
  } else if (severity === 'high') {
    for (let corner = 0; corner < 8; corner += 1) {
      const angle = ((corner + 0.5) * Math.PI) / 4
      canvas.lineTo(x + MARK_PX * Math.cos(angle), top + MARK_PX * Math.sin(angle))
    }
    canvas.closePath()
  } else {
    canvas.arc(x, top, MARK_PX, 0, 2 * Math.PI)
  }
  canvas.fillStyle = inks.severity[severity]
  canvas.fill()
  canvas.strokeStyle = inks.ground
  canvas.lineWidth = 1.5
  canvas.stroke()
}

/** How far around the pointer an alert mark is caught. */
export const reachMs = (scale: TimeScale): number => (MARK_PX + 3) * msPerPixel(scale)
